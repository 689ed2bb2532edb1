"""The paths that changed since a moment according to the file system, and their digest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.errors import CommandFailed, Refused
from cutover_site.files import changes, digest
from cutover_site.files.changes import CLOCK_WAS_SET, ChangedPaths, ClockWasSet, Moment

FILES = (
    "data/attachments/1/a",
    "data/attachments/2/b",
    "data/avatars/7",
    "repositories/ann/one.git/refs/heads/main",
    "repositories/ann/one.git/archives/zip/x",
    "repositories/ann/one.git/refs/heads/x.git/archives",
    "data/lfs-incoming/part",
)


def wait_for_clock_tick() -> None:
    """Wait until the clock of the file system has advanced."""
    probe = time.time()
    while time.time() - probe < 0.02:
        time.sleep(0.01)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    wait_for_clock_tick()
    return tmp_path / "site"


def change(root: Path, act: str) -> ChangedPaths:
    """Run a shell command below `root` and return the paths that it changed."""
    moment = replace(Moment.read_before_now(), since=time.time())
    wait_for_clock_tick()
    subprocess.run(["sh", "-ec", act], cwd=root, check=True)
    return changes.parse_listing(changes.list_changes(PROFILE.files, root, moment))


@pytest.fixture
def write_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write the program `find`: it runs the real one, then the shell commands."""
    real, folder = shutil.which("find"), tmp_path / "bin"

    def write(commands: str) -> None:
        folder.mkdir()
        (folder / "find").write_text(f'#!/bin/sh\n{real} "$@"\n{commands}\n')
        (folder / "find").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return write


def test_a_folder_that_vanishes_while_it_is_listed_is_no_error(
    root: Path, write_find: Callable[[str], None], tmp_path: Path
) -> None:
    # Given what GNU find does when somebody deletes a folder whose name it has read
    gone = tmp_path / "gone"
    gone.mkdir()
    write_find(f"{shutil.which('find')} {gone} -ignore_readdir_race -name gone -exec rmdir {{}} \\;")

    assert change(root, "rm data/avatars/7") == ChangedPaths((), ("data/avatars",))
    assert not gone.exists()


def test_any_other_error_of_the_listing_is_one(root: Path, write_find: Callable[[str], None]) -> None:
    write_find("echo \"find: './data': Permission denied\" >&2; exit 1")

    with pytest.raises(CommandFailed, match=r"could not look at everything: find: './data': Permission denied"):
        change(root, "true")


def test_a_read_changes_nothing(root: Path) -> None:
    assert change(root, "cat data/avatars/7") == ChangedPaths((), ())


@pytest.mark.parametrize(
    ("act", "files", "folders"),
    [
        ("echo x > data/avatars/7", {"data/avatars/7"}, set()),
        (
            "cp -p data/avatars/7 new; cat new > data/avatars/7; touch -r new data/avatars/7; rm new",
            {"data/avatars/7"},
            {""},
        ),
        ("chmod 600 data/avatars/7", {"data/avatars/7"}, set()),
        ("rm data/avatars/7", set(), {"data/avatars"}),
        ("mv data/attachments/1 data/attachments/9", set(), {"data/attachments", "data/attachments/9"}),
        ("ln data/avatars/7 data/avatars/8", {"data/avatars/7", "data/avatars/8"}, {"data/avatars"}),
        ("ln -s 7 data/avatars/8", {"data/avatars/8"}, {"data/avatars"}),
        ("touch \"data/avatars/$(printf 'a\\nb')\"", {"data/avatars/a\nb"}, {"data/avatars"}),
        (
            "echo x > repositories/ann/one.git/archives/zip/x; echo x > data/lfs-incoming/part; mkdir lost+found; touch .nfs1; rm .nfs1",
            set(),
            {""},
        ),
        (
            "echo x > repositories/ann/one.git/refs/heads/x.git/archives",
            {"repositories/ann/one.git/refs/heads/x.git/archives"},
            set(),
        ),
    ],
)
def test_every_kind_of_change_is_detected(root: Path, act: str, files: set[str], folders: set[str]) -> None:
    found = change(root, act)
    assert (set(found.files), set(found.folders)) == (files, folders)


def test_a_moment_is_invalid_after_the_clock_was_set(root: Path) -> None:
    moment = Moment.read_before_now()
    assert Moment.parse(str(moment)).since == pytest.approx(moment.since, abs=0.001)
    changes.list_changes(PROFILE.files, root, moment)
    for seconds in (-5, 5):
        with pytest.raises(ClockWasSet):
            changes.list_changes(PROFILE.files, root, replace(moment, booted=moment.booted + seconds))
    with pytest.raises(Refused):
        Moment.parse("1; rm -rf /")


def run_listing(root: Path, moment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the listing as the replica's key does."""
    command = [sys.executable, "-S", "-m", "cutover_site.files.changes", str(root), moment]
    path = Path(changes.__file__).parents[2]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": str(path)}, capture_output=True, check=False)


def test_the_replica_gets_the_same_listing(root: Path) -> None:
    found = run_listing(root, str(Moment.read_before_now()))
    assert (found.returncode, "data/avatars/7" in changes.parse_listing(found.stdout).files) == (0, True)
    assert run_listing(root, "5.0:5.0").returncode == CLOCK_WAS_SET
    assert (run_listing(root, "5").returncode, run_listing(root, "5").stdout) == (1, b"")


def test_the_listing_has_the_size_of_the_files_in_changed_folders(root: Path) -> None:
    (root / "data/avatars/8").write_bytes(b"x" * 1000)
    (root / "data/avatars/link").symlink_to("8")
    listing = changes.measure_folders(root, ["data/avatars", "data/attachments", "data/gone"])
    assert changes.parse_listing(listing).folder_bytes == 1000 + len("data/avatars/7")
    found = changes.parse_listing(run_listing(root, str(Moment.read_before_now())).stdout)
    assert found.folder_bytes == sum(
        entry.lstat().st_size
        for folder in found.folders
        for entry in (root / folder).iterdir()
        if entry.is_file() and not entry.is_symlink()
    )


def test_the_size_is_left_out_when_changed_folders_have_too_many_entries(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MAX_ENTRIES", 1)
    assert changes.parse_listing(changes.measure_folders(root, ["data/attachments"])).folder_bytes is None


def test_the_digest_of_changes_depends_only_on_changed_paths(root: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    shutil.copytree(root, live)
    found = change(root, "echo x > data/avatars/7; rm data/attachments/2/b; touch data/attachments/1/new")
    assert digest.digest_changes(PROFILE.files, root, found) != digest.digest_changes(PROFILE.files, live, found)
    (live / "data/avatars/7").write_text("x\n")
    (live / "data/attachments/2/b").unlink()
    assert digest.digest_changes(PROFILE.files, root, found) != digest.digest_changes(PROFILE.files, live, found)
    (live / "data/attachments/1/new").touch()
    (live / "repositories/ann/one.git/refs/heads/main").write_text("not compared")
    assert digest.digest_changes(PROFILE.files, root, found) == digest.digest_changes(PROFILE.files, live, found)
    assert set(digest.digest_changes(PROFILE.files, root, found)) == {"changed", "data/avatars", "data/attachments"}
    (live / "data/attachments/2/left").touch()
    assert digest.digest_changes(PROFILE.files, root, found) != digest.digest_changes(PROFILE.files, live, found)


def test_no_changes_have_a_digest(root: Path) -> None:
    assert digest.digest_changes(PROFILE.files, root, ChangedPaths((), ())) == {"changed": "0 paths"}


def test_the_digest_covers_every_ref_of_a_changed_repository(tmp_path: Path) -> None:
    for name in ("one", "two"):
        repository = tmp_path / name / "repositories/ann/a.git"
        subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    changed = ChangedPaths(("repositories/ann/a.git/description",), ())
    assert digest.digest_changes(PROFILE.files, tmp_path / "one", changed) == digest.digest_changes(
        PROFILE.files, tmp_path / "two", changed
    )
    blob = subprocess.run(
        ["git", "-C", str(repository), "hash-object", "-w", "--stdin"], input=b"x", capture_output=True, check=True
    )
    subprocess.run(["git", "-C", str(repository), "update-ref", "refs/x/y", blob.stdout.decode().strip()], check=True)
    assert digest.digest_changes(PROFILE.files, tmp_path / "one", changed) != digest.digest_changes(
        PROFILE.files, tmp_path / "two", changed
    )
