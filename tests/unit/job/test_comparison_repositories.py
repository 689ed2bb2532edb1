"""Refs and objects that are missing on the target are reported, and so is an unreadable repository."""

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


def compare(source: Path, target: Path) -> Comparison:
    result = Comparison()
    compare_repositories(source, target, result)
    return result


def test_new_commits_and_branches_on_the_target_are_counted_without_a_finding(
    source: Path, target: Path, commit: Commit
) -> None:
    # Given a copy with one more commit and one more branch
    first = commit(source / "a/one.git")
    shutil.copytree(source, target)
    commit(target / "a/one.git", "more", parent=first)
    git(target / "a/one.git", "branch", "new", "master")
    # Then nothing is found, and both are counted
    result = compare(source, target)
    assert result.findings == []
    assert (result.repositories, result.refs, result.objects) == (1, 1, 3)
    assert result.since_commit == {"refs that moved on": 1, "new refs": 1}


def test_a_missing_repository_is_reported(source: Path, target: Path, commit: Commit) -> None:
    commit(source / "a/kept.git")
    shutil.copytree(source, target)
    commit(source / "a/lost.git")
    assert compare(source, target).findings == ["repository a/lost.git"]


def test_a_missing_ref_is_reported(source: Path, target: Path, commit: Commit) -> None:
    first = commit(source / "a/one.git")
    shutil.copytree(source, target)
    git(target / "a/one.git", "update-ref", "-d", "refs/heads/master")
    assert compare(source, target).findings == [f"refs/heads/master ({first}) of repository a/one.git"]


def test_a_ref_at_an_older_commit_is_reported(source: Path, target: Path, commit: Commit) -> None:
    first = commit(source / "a/one.git")
    second = commit(source / "a/one.git", "more", parent=first)
    shutil.copytree(source, target)
    git(target / "a/one.git", "update-ref", "refs/heads/master", first)
    assert compare(source, target).findings == [
        f"refs/heads/master of repository a/one.git is {first}, which does not follow {second}"
    ]


def test_a_missing_unreferenced_object_is_reported(source: Path, target: Path, commit: Commit) -> None:
    commit(source / "a/one.git")
    shutil.copytree(source, target)
    blob = git(source / "a/one.git", "hash-object", "-w", "--stdin", given=b"unreferenced")
    assert compare(source, target).findings == [f"1 objects of repository a/one.git: {blob}"]


def test_a_damaged_object_is_reported(source: Path, target: Path, commit: Commit) -> None:
    # Given a target with a blob whose content does not match its name
    commit(source / "a/one.git")
    shutil.copytree(source, target)
    blob = git(target / "a/one.git", "rev-parse", "master:file")
    other = git(target / "a/one.git", "hash-object", "-w", "--stdin", given=b"other")
    folder = target / "a/one.git/objects"
    damaged = folder / blob[:2] / blob[2:]
    damaged.unlink()
    shutil.copy(folder / other[:2] / other[2:], damaged)
    # Then fsck reports it
    (finding,) = compare(source, target).findings
    assert "`git fsck` failed" in finding


def test_an_unreadable_source_is_a_finding(source: Path, target: Path, commit: Commit) -> None:
    commit(source / "a/one.git")
    shutil.copytree(source, target)
    (source / "a/one.git/HEAD").unlink()
    (finding,) = compare(source, target).findings
    assert "failed for" in finding


def test_a_comparison_without_repositories_is_a_finding(source: Path, target: Path) -> None:
    assert "nothing could be compared" in compare(source, target).findings[0]
