"""Refs and objects that the target lacks are named, and so is a repository that could not be read."""

import shutil
from pathlib import Path

import pytest

from rehearsal.job.comparison import Comparison, compare_repositories
from tests.unit.job.conftest import Commit, git


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def compared(source: Path, target: Path) -> Comparison:
    result = Comparison()
    compare_repositories(source, target, result)
    return result


def test_a_target_that_moved_on_is_fine(source: Path, target: Path, commit: Commit) -> None:
    # Given a copy that got one more commit and one more branch
    first = commit(source / "a/one.git")
    shutil.copytree(source, target)
    commit(target / "a/one.git", "more", parent=first)
    git(target / "a/one.git", "branch", "new", "master")
    # Then nothing is found, and both are counted
    result = compared(source, target)
    assert result.findings == []
    assert (result.repositories, result.refs, result.objects) == (1, 1, 3)
    assert result.since_commit == {"refs that moved on": 1, "new refs": 1}


def test_a_lost_repository_is_named(source: Path, target: Path, commit: Commit) -> None:
    commit(source / "a/kept.git")
    shutil.copytree(source, target)
    commit(source / "a/lost.git")
    assert compared(source, target).findings == ["repository a/lost.git"]


def test_a_lost_ref_is_named(source: Path, target: Path, commit: Commit) -> None:
    first = commit(source / "a/one.git")
    shutil.copytree(source, target)
    git(target / "a/one.git", "update-ref", "-d", "refs/heads/master")
    assert compared(source, target).findings == [f"refs/heads/master ({first}) of repository a/one.git"]


def test_a_ref_that_was_set_back_is_named_though_its_object_is_there(
    source: Path, target: Path, commit: Commit
) -> None:
    first = commit(source / "a/one.git")
    second = commit(source / "a/one.git", "more", parent=first)
    shutil.copytree(source, target)
    git(target / "a/one.git", "update-ref", "refs/heads/master", first)
    assert compared(source, target).findings == [
        f"refs/heads/master of repository a/one.git is {first}, which does not follow {second}"
    ]


def test_an_object_that_no_ref_needs_is_missed_too(source: Path, target: Path, commit: Commit) -> None:
    commit(source / "a/one.git")
    shutil.copytree(source, target)
    blob = git(source / "a/one.git", "hash-object", "-w", "--stdin", given=b"nobody's")
    assert compared(source, target).findings == [f"1 objects of repository a/one.git: {blob}"]


def test_a_damaged_object_is_found(source: Path, target: Path, commit: Commit) -> None:
    # Given a target whose blob has the right name and other bytes
    commit(source / "a/one.git")
    shutil.copytree(source, target)
    blob = git(target / "a/one.git", "rev-parse", "master:file")
    other = git(target / "a/one.git", "hash-object", "-w", "--stdin", given=b"other")
    folder = target / "a/one.git/objects"
    damaged = folder / blob[:2] / blob[2:]
    damaged.unlink()
    shutil.copy(folder / other[:2] / other[2:], damaged)
    # Then fsck says so
    (finding,) = compared(source, target).findings
    assert "`git fsck` failed" in finding


def test_a_source_that_cannot_be_read_is_a_finding(source: Path, target: Path, commit: Commit) -> None:
    commit(source / "a/one.git")
    shutil.copytree(source, target)
    (source / "a/one.git/HEAD").unlink()
    (finding,) = compared(source, target).findings
    assert "failed for" in finding


def test_nothing_to_compare_is_a_finding(source: Path, target: Path) -> None:
    assert "nothing could be compared" in compared(source, target).findings[0]
