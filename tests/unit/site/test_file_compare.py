"""Which paths differ for good, and which only because the source changed them meanwhile."""

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
    ("theirs", "ours", "changed", "stays"),
    [
        ({"a": "1"}, {"a": "2"}, ChangedPaths((), ()), True),
        ({"a": "1"}, {"a": "2"}, ChangedPaths(("a",), ()), False),
        ({"a": "1"}, {"a": "2"}, ChangedPaths((), ("a",)), False),
        # It went, or came: its folder changed.
        ({}, {"d/a": "2"}, ChangedPaths((), ("d",)), False),
        ({"d/a": "1"}, {}, ChangedPaths((), ("",)), False),
        ({"d/e/a": "1"}, {}, ChangedPaths((), ("d",)), False),
        ({"d/a": "1"}, {}, ChangedPaths(("d/b",), ("e",)), True),
        # A change of the folder explains no other content of a file that is on both sides.
        ({"d/a": "1"}, {"d/a": "2"}, ChangedPaths((), ("d", "")), True),
    ],
)
def test_a_path_that_did_not_change_stays_different(
    theirs: dict[str, str], ours: dict[str, str], changed: ChangedPaths, stays: bool
) -> None:
    (path,) = {*theirs, *ours}
    found = split_differences([path], theirs, ours, changed)
    assert (found.different, found.changed_since) == (((path,), ()) if stays else ((), (path,)))


@pytest.mark.parametrize(("folder", "stays"), [("ann", True), ("ann/one.git", True), ("ann/one.git/objects", False)])
def test_a_new_neighbour_does_not_explain_what_lies_in_a_folder_of_both_sides(folder: str, stays: bool) -> None:
    """Somebody made another repository of ann: the window looks at the names in `ann`, and at nothing in one.git."""
    both = dict.fromkeys(("ann", "ann/one.git", "ann/one.git/objects"), "same")
    missing = "ann/one.git/objects/pack"
    found = split_differences([missing], {**both, missing: "1"}, both, ChangedPaths((), (folder,)))
    assert found.different == ((missing,) if stays else ())


def test_a_new_owner_does_not_explain_what_another_owners_repository_lacks() -> None:
    """Owners' folders are of another line than their repositories, so neither side may have named them."""
    both, pack = {"repositories/ann/one.git": "same"}, "repositories/ann/one.git/pack"
    changed = ChangedPaths((), ("repositories",))
    assert split_differences([pack], {**both, pack: "1"}, both, changed).different == (pack,)
    # An owner who was renamed: the whole repository is on one side.
    assert split_differences([pack], {}, {**both, pack: "1"}, changed).changed_since == (pack,)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (f"{ONE}/HEAD", "repositories/ann/two.git/HEAD", "data/avatars/7", "repositories/ann/stray", "data/x"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_only_the_lines_that_differ_are_read_again(root: Path) -> None:
    assert {path for path, _ in list_entries(PROFILE.files, root, [ONE])} == {ONE, f"{ONE}/HEAD"}
    assert {path for path, _ in list_entries(PROFILE.files, root, ["other"])} == {
        "repositories", "repositories/ann", "repositories/ann/stray", "data", "data/x"
    }  # fmt: skip
    everything = {path for path, _ in list_entries(PROFILE.files, root, ["*"])}
    assert everything == {str(path.relative_to(root)) for path in root.rglob("*")}


def test_a_bucket_names_the_same_repositories_as_the_digest_did(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MAX_LINES", 1)
    (line,) = digest.digest_refs(PROFILE.files, root).keys() - {get_bucket("repositories/ann/two.git")}
    found = {path.split("/")[2] for path, _ in list_entries(PROFILE.files, root, [line]) if path.count("/") >= 2}
    assert "one.git" in found


def test_the_source_answers_the_replicas_key_with_every_path(root: Path) -> None:
    """As `cutover-delta` runs it: a name of any bytes arrives, and one file more on one side shows."""
    odd = os.fsencode(root / ONE) + b"/caf\xe9\n"
    Path(os.fsdecode(odd)).write_text("x")
    command = [sys.executable, "-S", "-m", "cutover_site.files.entries", str(root)]
    path = str(Path(entries.__file__).parents[2])
    done = subprocess.run(command, input=json.dumps([ONE]).encode(), env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True)  # fmt: skip
    assert parse_entries(done.stdout) == dict(list_entries(PROFILE.files, root, [ONE]))
    assert len(parse_entries(done.stdout)) == 3


@pytest.mark.parametrize("given", ["no JSON", '["*"]'])
def test_what_cannot_be_read_is_no_answer(
    root: Path, given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ONE / "config").symlink_to("/etc/passwd")
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    assert entries.main([str(root)]) == 1
    assert capsys.readouterr().err
