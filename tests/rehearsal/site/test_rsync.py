"""The copies of the site's folders, with the real rsync."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from applications.profile import Files
from cutover_site.files.changes import MARGIN_SECONDS, ChangedPaths, Moment, list_changes, parse_listing
from cutover_site.files.rsync import MAX_BYTES_BY_CONTENT, mirror, mirror_changes, mirror_rewritten, mirror_sessions

pytestmark = pytest.mark.rehearsal
SECOND = 1_700_000_000
NEW, OLD = "1" * 40, "2" * 40


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """Create two trees that rsync treats as equal, because sizes and whole seconds are equal.

    A branch, an object and an attachment differ.
    """
    for name, branch, content in (("source", NEW, b"whole"), ("target", OLD, b"wrong")):
        files = {
            "repositories/ann/one.git/refs/heads/main": branch.encode(),
            "repositories/ann/one.git/HEAD": b"ref: refs/heads/main",
            "repositories/ann/one.git/objects/aa/bb": content,
            "data/attachments/a": content,
        }
        for path, data in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            os.utime(file, (SECOND, SECOND))
    return tmp_path / "source", tmp_path / "target"


def copy(trees: tuple[Path, Path], how: Callable[[Files, str, str], object] = mirror) -> dict[str, bytes]:
    """Copy, and return the target's files."""
    source, target = trees
    how(PROFILE.files, f"{source}/", f"{target}/")
    return {str(file.relative_to(target)): file.read_bytes() for file in target.rglob("*") if file.is_file()}


def test_a_copy_by_size_and_time_misses_a_change_of_equal_size_and_time(trees: tuple[Path, Path]) -> None:
    assert copy(trees)["repositories/ann/one.git/refs/heads/main"] == OLD.encode()


def test_a_copy_by_content_copies_every_change(trees: tuple[Path, Path]) -> None:
    found = copy(trees, partial(mirror, checksum=True))
    assert found["repositories/ann/one.git/refs/heads/main"] == NEW.encode()
    assert found["repositories/ann/one.git/objects/aa/bb"] == found["data/attachments/a"] == b"whole"


def test_the_copy_of_rewritten_paths_compares_only_paths_that_git_rewrites_in_place(trees: tuple[Path, Path]) -> None:
    source, target = trees
    gone, extra = target / "repositories/ann/one.git/refs/heads/gone", target / "data/attachments/extra"
    for path in (gone, extra):
        path.write_text("x")
    (source / "repositories/ann/one.git/refs/tags").mkdir()
    (source / "repositories/ann/one.git/refs/tags/v1").write_text(NEW)

    found = copy(trees, mirror_rewritten)

    assert found["repositories/ann/one.git/refs/heads/main"] == NEW.encode()
    assert found["repositories/ann/one.git/refs/tags/v1"] == NEW.encode()
    assert not gone.exists()
    assert found["data/attachments/extra"] == b"x"
    assert found["repositories/ann/one.git/objects/aa/bb"] == found["data/attachments/a"] == b"wrong"


CHANGES = """
printf two > data/attachments/a
rm repositories/ann/one.git/objects/aa/bb
mkdir -p repositories/bob
mv repositories/ann/two.git repositories/bob/three.git
mkdir -p repositories/ann/new.git/refs/heads
echo 1 > repositories/ann/new.git/refs/heads/main
rm -r data/attachments/gone
ln -s a data/attachments/link
ln data/attachments/a data/attachments/hard
chmod 700 data/attachments
mkdir repositories/ann/one.git/archives
touch repositories/ann/one.git/archives/zip
rm data/attachments/file
mkdir data/attachments/file
"""


RESTRICTED = """#!/bin/sh
shift 3
SSH_ORIGINAL_COMMAND="$*" exec /usr/bin/rrsync -ro {folder}
"""


@pytest.mark.parametrize(("folder_bytes", "runs"), [(None, 2), (MAX_BYTES_BY_CONTENT + 1, 2), (100, 1)])
def test_the_delta_copies_every_change_and_changes_no_other_file(
    tmp_path: Path, folder_bytes: int | None, runs: int
) -> None:
    """The changes are renamed repositories, replaced types, deletions, and files of equal size and second.

    The program that the source permits to the replica makes the copy.
    """
    source, target, shell = tmp_path / "source", tmp_path / "target", tmp_path / "shell"
    shell.write_text(RESTRICTED.format(folder=source))
    shell.chmod(0o755)
    for name in (
        "repositories/ann/one.git/objects/aa/bb",
        "repositories/ann/two.git/objects/pack/deep",
        "data/attachments/a",
        "data/attachments/gone/x/y",
        "data/attachments/file",
        "data/avatars/same",
    ):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    subprocess.run(["cp", "-a", f"{source}/.", target], check=True)
    (target / "data/avatars/same").write_text("own")
    moment = Moment.read_before_now()
    time.sleep(MARGIN_SECONDS + 0.1)
    subprocess.run(["sh", "-ec", CHANGES], cwd=source, check=True)
    times = (source / "data/attachments/a").stat()
    os.utime(target / "data/attachments/a", ns=(times.st_atime_ns, times.st_mtime_ns))

    changed = parse_listing(list_changes(PROFILE.files, source, moment))
    gone = ChangedPaths((*changed.files, "data/attachments/went meanwhile"), changed.folders, folder_bytes)
    reports = mirror_changes(PROFILE.files, "git@source:/", f"{target}/", gone, shell=str(shell))

    assert len(reports) == runs

    (target / "data/avatars/same").write_text("one")
    shutil.rmtree(source / "repositories/ann/one.git/archives")
    compared = subprocess.run(
        ["rsync", "-aHcni", "--delete", "--omit-dir-times", f"{source}/", f"{target}/"], check=True, capture_output=True
    )
    assert [line for line in compared.stdout.decode().splitlines() if "avatars" not in line] == []
    assert (target / "data/attachments/hard").samefile(target / "data/attachments/a")


def test_an_empty_delta_starts_no_rsync(tmp_path: Path) -> None:
    assert mirror_changes(PROFILE.files, f"{tmp_path}/", f"{tmp_path}/none/", ChangedPaths((), ())) == []


def test_sessions_are_copied_by_themselves_and_with_nothing_else(trees: tuple[Path, Path]) -> None:
    # Given a session that the target has too, one that is new, and one that ended at the source
    source, target = trees
    for tree, session, content in (
        (source, "a/b/ab1", b"signed in as ann"),
        (target, "a/b/ab1", b"signed in as who"),
        (source, "c/d/cd2", b"signed in as bob"),
        (target, "e/f/ef3", b"ended"),
    ):
        file = tree / "data/sessions" / session
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    before = (target / "data/sessions/a/b/ab1").read_bytes()
    # When the site's files are copied, then the sessions are untouched
    assert copy(trees)["data/sessions/a/b/ab1"] == before
    # When the sessions are copied
    found = copy(trees, mirror_sessions)
    # Then the target has those of the source, and nothing else has changed
    assert {path: data for path, data in found.items() if "sessions" in path} == {
        "data/sessions/a/b/ab1": b"signed in as ann",
        "data/sessions/c/d/cd2": b"signed in as bob",
    }
    assert found["data/attachments/a"] == b"wrong"


def test_an_application_without_shared_sessions_has_none_to_copy(trees: tuple[Path, Path]) -> None:
    source, target = trees
    report = mirror_sessions(Files(root="", folders=(), groups=()), f"{source}/", f"{target}/")
    assert report.changed == report.deleted == []


@pytest.mark.parametrize("folder_bytes", [None, 100])
def test_hard_links_that_the_source_has_separated_are_separated(tmp_path: Path, folder_bytes: int | None) -> None:
    # Given two pairs of names of one file, copied with their links
    source, target = tmp_path / "source", tmp_path / "target"
    hooks = source / "repositories/ann/one.git/hooks"
    hooks.mkdir(parents=True)
    for name, other in (("one", "two"), ("three", "four")):
        (hooks / name).write_text(name)
        os.link(hooks / name, hooks / other)
    mirror(PROFILE.files, f"{source}/", f"{target}/")

    # When one pair was separated with equal content and time, and a mode changes in both
    shutil.copy2(hooks / "one", hooks / "new")
    (hooks / "new").replace(hooks / "one")
    (hooks / "one").chmod(0o755)
    (hooks / "three").chmod(0o755)
    names = tuple(f"repositories/ann/one.git/hooks/{name}" for name in ("four", "one", "three"))
    changed = ChangedPaths(names, ("repositories/ann/one.git/hooks",), folder_bytes)
    mirror_changes(PROFILE.files, f"{source}/", f"{target}/", changed)

    # Then the other name of the separated file keeps its mode, and the other pair is still one file
    found = {path.name: path.stat() for path in (target / "repositories/ann/one.git/hooks").iterdir()}
    assert {name: (one.st_mode & 0o777, one.st_nlink) for name, one in found.items()} == {
        "one": (0o755, 1),
        "two": (0o644, 1),
        "three": (0o755, 2),
        "four": (0o755, 2),
    }


@pytest.mark.parametrize("is_folder", [False, True])
def test_names_that_rsync_would_take_for_comments_are_copied(tmp_path: Path, is_folder: bool) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    target.mkdir()
    names = ("#notes", ";notes")
    for name in names:
        (source / name).mkdir(parents=True)
        (source / name / "one").write_text(name)
        (source / f"{name}.txt").write_text(name)
    folders = ("", *names) if is_folder else ()
    files = tuple(path for name in names for path in (f"{name}.txt", f"{name}/one"))
    mirror_changes(PROFILE.files, f"{source}/", f"{target}/", ChangedPaths(files, folders))
    assert {path: (target / path).read_text() for path in files} == {path: path[:6] for path in files}
