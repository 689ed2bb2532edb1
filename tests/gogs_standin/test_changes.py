"""The input of hooks, and the commits that the site creates."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from gogs_standin.domain.pushes import Push
from gogs_standin.git.changes import NOTHING, Change, parse_updates
from gogs_standin.git.command import GitError
from gogs_standin.git.repository import Repository
from gogs_standin.git.writing import Draft, write


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "--bare", "-b", "master", str(tmp_path / "x.git")], check=True)
    return tmp_path / "x.git"


def _draft(**files: str | None) -> Draft:
    content = {name: None if text is None else text.encode() for name, text in files.items()}
    return Draft("Älice <3", "alice@example.com", "line\n\nmore", content)


def test_each_line_of_a_hooks_input_is_one_change_of_a_ref() -> None:
    first, second = parse_updates([f"{NOTHING} {'a' * 40} refs/heads/feature/x", f"{'b' * 40} {NOTHING} refs/tags/v1"])
    assert (first.name, first.made, first.deleted, first.is_tag) == ("feature/x", True, False, False)
    assert (second.name, second.made, second.deleted, second.is_tag) == ("v1", False, True, True)


def test_a_push_is_passed_to_the_hooks_by_environment_variables() -> None:
    assert Push.of({"PATH": "/bin", **Push(3, 14).build_environment()}) == Push(3, 14)
    with pytest.raises(KeyError):
        Push.of({"PATH": "/bin"})


def test_a_commit_keeps_adds_and_deletes_files(bare: Path) -> None:
    # Given an empty repository, when two commits are created
    first = write(bare, _draft(a="1", **{'ü "x"/b\\c': "2"}), to="master")
    second = write(bare, _draft(a=None, c="3"), to="master")

    # Then the second has the first as its parent, with kept and added files
    assert first == Change("refs/heads/master", NOTHING, first.new)
    assert second == Change("refs/heads/master", first.new, second.new)
    repository = Repository(bare)
    assert [commit.id for commit in repository.log("master")] == [second.new, first.new]
    assert (repository.read_content('master/ü "x"/b\\c'), repository.read_content("master/c")) == (b"2", b"3")
    assert repository.read_content("master/a") is None
    assert repository.commit(second.new).author.name == "Älice 3"


def test_a_new_branch_starts_at_its_base_and_an_existing_branch_is_not_reset(bare: Path) -> None:
    write(bare, _draft(a="1"), to="master")
    made = write(bare, _draft(b="2"), to="topic", base="master")
    assert (made.old, Repository(bare).read_content("topic/a")) == (NOTHING, b"1")
    with pytest.raises(GitError, match="fast-import"):
        write(bare, _draft(c="3"), to="topic", base="master")
    assert Repository(bare).read_refs("refs/heads")["topic"] == made.new
