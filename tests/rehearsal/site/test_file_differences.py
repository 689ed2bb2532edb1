"""Source and live tree compared path by path, by the program that the source lets the replica run, with real rsync,
git, mounts and users.
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
    """A folder that another user may enter: pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="cutover-files-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def trees(place: Path) -> tuple[Path, Path]:
    """Two equal ones."""
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
    """A replica whose ssh runs what the source's key may run, as another user than root."""
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
    monkeypatch.setattr(efs, "tree", lambda *_: live)
    return SimpleNamespace(shell=shell, layout=Layout())


def look(machine: Any, since: Moment, lines: tuple[str, ...] = ("*",)) -> compare.Differences:
    return compare.compare(machine, "10.0.0.1", since=str(since), lines=list(lines), timeout=60)


def test_a_file_that_was_damaged_under_its_size_and_time_is_named(trees: tuple[Path, Path], machine: Any) -> None:
    source, live = trees
    time.sleep(MARGIN_SECONDS + 0.1)  # what was made a moment ago counts as changed since
    moment = Moment.just_before_now()
    times = (source / "data/attachments/a").stat()
    (live / "data/attachments/a").write_text("wrong")
    os.utime(live / "data/attachments/a", ns=(times.st_atime_ns, times.st_mtime_ns))

    found = look(machine, moment)
    assert (found.different, found.changed_since) == (("data/attachments/a",), ())
    assert look(machine, moment, (ONE,)).different == ()

    # The copy by content makes it equal, and that is seen.
    mirror(PROFILE.files, f"{source}/", f"{live}/", checksum=True)
    assert look(machine, moment).different == ()


def test_what_changes_on_a_live_source_is_no_difference_that_stays(trees: tuple[Path, Path], machine: Any) -> None:
    """Pushed, deleted, renamed, created: whatever a site does while it is compared. The window's copy then
    brings it.
    """
    source, live = trees
    moment = Moment.just_before_now()
    time.sleep(MARGIN_SECONDS + 0.1)
    (source / ONE / "refs/heads/main").write_text("1" * 40)
    (source / "data/attachments/b/c").unlink()
    (source / "data/attachments/b").rmdir()
    (source / TWO).rename(source / "repositories/ann/renamed.git")
    (source / "repositories/bob").mkdir()
    subprocess.run(["cp", "-a", str(source / ONE), str(source / "repositories/bob/fork.git")], check=True)

    found = look(machine, moment)

    assert found.different == ()
    assert f"{ONE}/refs/heads/main" in found.changed_since
    assert "repositories/ann/renamed.git/HEAD" in found.changed_since
    mirror_changes(PROFILE.files, f"{source}/", f"{live}/", parse_listing(list_changes(PROFILE.files, source, moment)))
    assert digest.digest_files(PROFILE.files, source) == digest.digest_files(PROFILE.files, live)


def test_a_file_that_git_cannot_read_is_no_equal_file(trees: tuple[Path, Path], machine: Any) -> None:
    source, _ = trees
    moment = Moment.just_before_now()
    (source / "data/attachments/a").chmod(0o600)
    with pytest.raises(CommandFailed, match=r"Permission denied.*data/attachments/a"):
        look(machine, moment)
    assert survey(PROFILE.files, source, Reader(NOBODY, frozenset({NOBODY}), "git")).lost[
        "unreadable by git"
    ].names == ["data/attachments/a"]


def test_a_link_that_leads_out_is_refused_by_the_source(trees: tuple[Path, Path], machine: Any) -> None:
    source, _ = trees
    (source / "data/attachments/out").symlink_to("/etc/passwd")
    with pytest.raises(CommandFailed, match="leads out of"):
        look(machine, Moment.just_before_now())


def test_anything_but_the_three_commands_reads_nothing(machine: Any) -> None:
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


def test_another_disk_below_the_site_is_carried_over_and_told(trees: tuple[Path, Path], mounted: Path) -> None:
    """rsync goes into it, and so does the list of what changed."""
    source, live = trees
    mirror(PROFILE.files, f"{source}/", f"{live}/", checksum=True)
    assert (live / "data/attachments/other-disk/file").read_text() == "on another disk"
    assert digest.digest_files(PROFILE.files, source) == digest.digest_files(PROFILE.files, live)
    found = survey(PROFILE.files, source, Reader(0, frozenset({0}), "root"))
    assert found.oddities[mounts.LOCAL].names == [f"{mounted} (tmpfs)"]
    assert found.lost == {}
    moment = Moment.just_before_now()
    time.sleep(MARGIN_SECONDS + 0.1)
    (mounted / "late").write_text("x")
    changed = parse_listing(list_changes(PROFILE.files, source, moment))
    assert "data/attachments/other-disk/late" in changed.files
    mirror_changes(PROFILE.files, f"{source}/", f"{live}/", changed)
    assert digest.digest_changes(PROFILE.files, source, changed) == digest.digest_changes(PROFILE.files, live, changed)
