"""The comparison of source and live tree path by path, by the program that the source permits to the replica.

rsync, git, mounts and users are real.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.errors import CommandFailed
from cutover_site.files import compare, digest, efs, mounts
from cutover_site.files.changes import MARGIN_SECONDS, Moment, list_changes, parse_listing
from cutover_site.files.rsync import mirror, mirror_changes
from cutover_site.files.survey import Reader, survey
from cutover_site.layout import Layout

pytestmark = pytest.mark.rehearsal
PROGRAM = Path(__file__).parents[3] / "assets/ansible/roles/migration_scripts/files/cutover-delta"
LIBRARY = Path(__file__).parents[3] / "assets/site"
NOBODY = 65534
ONE, TWO = "repositories/ann/one.git", "repositories/ann/two.git"


@pytest.fixture
def place() -> Iterator[Path]:
    """Create a folder that another user can enter. The temporary folders of pytest are closed to other users."""
    with tempfile.TemporaryDirectory(prefix="cutover-files-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def trees(place: Path) -> tuple[Path, Path]:
    """Create two equal trees."""
    source, live = place / "source", place / "live"
    for name in (ONE, TWO):
        subprocess.run(["git", "init", "-q", "--bare", str(source / name)], check=True)
    for name in ("data/attachments/a", "data/attachments/b/c"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("whole")
    mirror(PROFILE.files, f"{source}/", f"{live}/")
    assert digest.digest_files(PROFILE.files, source) == digest.digest_files(PROFILE.files, live)
    return source, live


@pytest.fixture
def machine(trees: tuple[Path, Path], place: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Create a replica whose ssh runs the permitted program of the source as another user than root."""
    source, live = trees
    program, shell = place / "cutover-delta", place / "shell"
    subprocess.run(["cp", "-r", str(LIBRARY), str(place / "lib")], check=True)
    program.write_text(PROGRAM.read_text().replace("/opt/cutover/lib", str(place / "lib")))
    shell.write_text(
        "#!/bin/sh\nshift\n"
        f'SSH_ORIGINAL_COMMAND="$*" exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups sh {program}'
        f" {source}\n"
    )
    shell.chmod(0o755)
    monkeypatch.setattr(compare, "build_ssh_command", lambda *_: str(shell))
    monkeypatch.setattr(efs, "mount_tree", lambda *_: live)
    return SimpleNamespace(shell=shell, layout=Layout())


def compare_trees(machine: Any, since: Moment, lines: tuple[str, ...] = ("*",)) -> compare.Differences:
    return compare.compare(machine, "10.0.0.1", since=str(since), lines=list(lines), timeout=60)


def test_a_damaged_file_of_equal_size_and_time_is_different(trees: tuple[Path, Path], machine: Any) -> None:
    source, live = trees
    time.sleep(MARGIN_SECONDS + 0.1)  # files of the last seconds count as changed
    moment = Moment.read_before_now()
    times = (source / "data/attachments/a").stat()
    (live / "data/attachments/a").write_text("wrong")
    os.utime(live / "data/attachments/a", ns=(times.st_atime_ns, times.st_mtime_ns))

    found = compare_trees(machine, moment)
    assert (found.different, found.changed_since) == (("data/attachments/a",), ())
    assert compare_trees(machine, moment, (ONE,)).different == ()

    # When the copy by content repairs the file, then nothing differs
    mirror(PROFILE.files, f"{source}/", f"{live}/", checksum=True)
    assert compare_trees(machine, moment).different == ()


def test_changes_of_a_serving_source_are_not_divergent(trees: tuple[Path, Path], machine: Any) -> None:
    """While the full comparison runs, users push, delete, rename and create. The delta copies these changes."""
    source, live = trees
    moment = Moment.read_before_now()
    time.sleep(MARGIN_SECONDS + 0.1)
    (source / ONE / "refs/heads/main").write_text("1" * 40)
    (source / "data/attachments/b/c").unlink()
    (source / "data/attachments/b").rmdir()
    (source / TWO).rename(source / "repositories/ann/renamed.git")
    (source / "repositories/bob").mkdir()
    subprocess.run(["cp", "-a", str(source / ONE), str(source / "repositories/bob/fork.git")], check=True)

    found = compare_trees(machine, moment)

    assert found.different == ()
    assert f"{ONE}/refs/heads/main" in found.changed_since
    assert "repositories/ann/renamed.git/HEAD" in found.changed_since
    mirror_changes(PROFILE.files, f"{source}/", f"{live}/", parse_listing(list_changes(PROFILE.files, source, moment)))
    assert digest.digest_files(PROFILE.files, source) == digest.digest_files(PROFILE.files, live)


def test_a_file_that_git_cannot_read_is_an_error(trees: tuple[Path, Path], machine: Any) -> None:
    source, _ = trees
    moment = Moment.read_before_now()
    (source / "data/attachments/a").chmod(0o600)
    with pytest.raises(CommandFailed, match=r"Permission denied.*data/attachments/a"):
        compare_trees(machine, moment)
    assert survey(PROFILE.files, source, Reader(NOBODY, frozenset({NOBODY}), "git")).lost[
        "unreadable by git"
    ].names == ["data/attachments/a"]


def test_the_source_refuses_a_link_that_points_outside(trees: tuple[Path, Path], machine: Any) -> None:
    source, _ = trees
    (source / "data/attachments/out").symlink_to("/etc/passwd")
    with pytest.raises(CommandFailed, match="leads out of"):
        compare_trees(machine, Moment.read_before_now())


def test_the_key_of_the_delta_runs_only_three_commands(machine: Any) -> None:
    done = subprocess.run(
        [machine.shell, "git@source", "entries; cat /etc/passwd"], input=b'["*"]', capture_output=True, check=False
    )
    assert done.returncode
    assert b"root:" not in done.stdout


@pytest.fixture
def mounted(trees: tuple[Path, Path]) -> Iterator[Path]:
    place = trees[0] / "data/attachments/other-disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", str(place)], check=True)
    (place / "file").write_text("on another disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_files_on_another_disk_below_the_site_are_copied_and_reported(trees: tuple[Path, Path], mounted: Path) -> None:
    """rsync and the list of changes include the other disk."""
    source, live = trees
    mirror(PROFILE.files, f"{source}/", f"{live}/", checksum=True)
    assert (live / "data/attachments/other-disk/file").read_text() == "on another disk"
    assert digest.digest_files(PROFILE.files, source) == digest.digest_files(PROFILE.files, live)
    found = survey(PROFILE.files, source, Reader(0, frozenset({0}), "root"))
    assert found.oddities[mounts.LOCAL].names == [f"{mounted} (tmpfs)"]
    assert found.lost == {}
    moment = Moment.read_before_now()
    time.sleep(MARGIN_SECONDS + 0.1)
    (mounted / "late").write_text("x")
    changed = parse_listing(list_changes(PROFILE.files, source, moment))
    assert "data/attachments/other-disk/late" in changed.files
    mirror_changes(PROFILE.files, f"{source}/", f"{live}/", changed)
    assert digest.digest_changes(PROFILE.files, source, changed) == digest.digest_changes(PROFILE.files, live, changed)
