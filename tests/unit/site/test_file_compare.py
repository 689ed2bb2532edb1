"""The paths that differ, and the paths that differ only because the source changed them in the meantime."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.files import digest, entries
from cutover_site.files.changes import ChangedPaths
from cutover_site.files.compare import split_differences
from cutover_site.files.entries import list_entries, parse_entries
from cutover_site.files.lines import get_bucket

ONE = "repositories/ann/one.git"


@pytest.mark.parametrize(
    ("theirs", "ours", "changed", "is_different"),
    [
        ({"a": "1"}, {"a": "2"}, ChangedPaths((), ()), True),
        ({"a": "1"}, {"a": "2"}, ChangedPaths(("a",), ()), False),
        ({"a": "1"}, {"a": "2"}, ChangedPaths((), ("a",)), False),
        # The path was removed or added: its folder changed.
        ({}, {"d/a": "2"}, ChangedPaths((), ("d",)), False),
        ({"d/a": "1"}, {}, ChangedPaths((), ("",)), False),
        ({"d/e/a": "1"}, {}, ChangedPaths((), ("d",)), False),
        ({"d/a": "1"}, {}, ChangedPaths(("d/b",), ("e",)), True),
        # A change of the folder does not explain a different content of a file on both sides.
        ({"d/a": "1"}, {"d/a": "2"}, ChangedPaths((), ("d", "")), True),
    ],
)
def test_a_difference_without_a_change_is_reported(
    theirs: dict[str, str], ours: dict[str, str], changed: ChangedPaths, is_different: bool
) -> None:
    (path,) = {*theirs, *ours}
    found = split_differences([path], theirs, ours, changed)
    assert (found.different, found.changed_since) == (((path,), ()) if is_different else ((), (path,)))


@pytest.mark.parametrize(
    ("folder", "is_different"), [("ann", True), ("ann/one.git", True), ("ann/one.git/objects", False)]
)
def test_a_change_of_a_parent_folder_does_not_explain_a_difference_below_a_common_folder(
    folder: str, is_different: bool
) -> None:
    """A user created another repository of ann. The window compares the names in `ann`, and nothing in one.git."""
    both = dict.fromkeys(("ann", "ann/one.git", "ann/one.git/objects"), "same")
    missing = "ann/one.git/objects/pack"
    found = split_differences([missing], {**both, missing: "1"}, both, ChangedPaths((), (folder,)))
    assert found.different == ((missing,) if is_different else ())


def test_a_new_owner_does_not_explain_a_difference_in_another_repository() -> None:
    """The folders of owners and their repositories have different lines, so neither side may have listed the owners."""
    both, pack = {"repositories/ann/one.git": "same"}, "repositories/ann/one.git/pack"
    changed = ChangedPaths((), ("repositories",))
    assert split_differences([pack], {**both, pack: "1"}, both, changed).different == (pack,)
    # A renamed owner: the whole repository exists on one side only.
    assert split_differences([pack], {}, {**both, pack: "1"}, changed).changed_since == (pack,)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (f"{ONE}/HEAD", "repositories/ann/two.git/HEAD", "data/avatars/7", "repositories/ann/stray", "data/x"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_only_the_entries_of_different_lines_are_listed(root: Path) -> None:
    assert {path for path, _ in list_entries(PROFILE.files, root, [ONE])} == {ONE, f"{ONE}/HEAD"}
    assert {path for path, _ in list_entries(PROFILE.files, root, ["other"])} == {
        "repositories", "repositories/ann", "repositories/ann/stray", "data", "data/x"
    }  # fmt: skip
    everything = {path for path, _ in list_entries(PROFILE.files, root, ["*"])}
    assert everything == {str(path.relative_to(root)) for path in root.rglob("*")}


def test_a_bucket_contains_the_same_repositories_in_digest_and_list(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "MAX_LINES", 1)
    (line,) = digest.digest_refs(PROFILE.files, root).keys() - {get_bucket("repositories/ann/two.git")}
    found = {path.split("/")[2] for path, _ in list_entries(PROFILE.files, root, [line]) if path.count("/") >= 2}
    assert "one.git" in found


def test_the_replica_gets_every_path_of_a_line(root: Path) -> None:
    """The command is that of `cutover-delta`. The list contains names with any bytes, and an additional file."""
    odd = os.fsencode(root / ONE) + b"/caf\xe9\n"
    Path(os.fsdecode(odd)).write_text("x")
    command = [sys.executable, "-S", "-m", "cutover_site.files.entries", str(root)]
    path = str(Path(entries.__file__).parents[2])
    done = subprocess.run(command, input=json.dumps([ONE]).encode(), env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True)  # fmt: skip
    assert parse_entries(done.stdout) == dict(list_entries(PROFILE.files, root, [ONE]))
    assert len(parse_entries(done.stdout)) == 3


@pytest.mark.parametrize("given", ["no JSON", '["*"]'])
def test_an_unreadable_request_or_tree_is_an_error(
    root: Path, given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ONE / "config").symlink_to("/etc/passwd")
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    assert entries.main([str(root)]) == 1
    assert capsys.readouterr().err
