"""Stored refs: equal damage on both sides is equal, and no damaged repository stops a comparison."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.files import digest
from cutover_site.files.broken import find_broken
from cutover_site.files.changes import ChangedPaths
from cutover_site.files.references import digest_references

NAME = "repositories/alice/old.git"
CHANGED = ChangedPaths((f"{NAME}/refs/heads/main",), ())


def create_site(root: Path) -> Path:
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(root / NAME)], check=True)
    work = root.parent / f"{root.name}-work"
    subprocess.run(["git", "clone", "-q", str(root / NAME), str(work)], check=True, capture_output=True)
    git = ["git", "-C", str(work), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    moment = {"GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True, env={**os.environ, **moment})
    subprocess.run([*git, "push", "-q", "origin", "HEAD:main"], check=True)
    return root


def empty_ref(repository: Path) -> None:
    (repository / "refs/heads/broken").touch()


def missing_object(repository: Path) -> None:
    (repository / "refs/heads/broken").write_text("1234567890" * 4 + "\n")


def no_hex(repository: Path) -> None:
    (repository / "refs/heads/broken").write_bytes(b"\xff\0garbage")


def dangling_head(repository: Path) -> None:
    (repository / "HEAD").write_text("ref: refs/heads/nothing\n")


def no_head(repository: Path) -> None:
    (repository / "HEAD").unlink()


def head_of_zeros(repository: Path) -> None:
    (repository / "HEAD").write_bytes(b"\0" * 23)


def linked_head(repository: Path) -> None:
    (repository / "HEAD").unlink()
    (repository / "HEAD").symlink_to("refs/heads/main")


def corrupt_packed_refs(repository: Path) -> None:
    (repository / "packed-refs").write_text("# pack-refs with: peeled\nnonsense\n")


def symref_to_itself(repository: Path) -> None:
    (repository / "refs/heads/loop").write_text("ref: refs/heads/loop\n")


def no_objects(repository: Path) -> None:
    shutil.rmtree(repository / "objects")


def reftable(repository: Path) -> None:
    (repository / "reftable").mkdir()
    (repository / "reftable/tables.list").write_text("0x1-0x2.ref\n")


def a_file_in_its_place(repository: Path) -> None:
    shutil.rmtree(repository)
    repository.write_text("gitdir: /elsewhere\n")


def a_link_to_itself(repository: Path) -> None:
    shutil.rmtree(repository)
    repository.symlink_to(repository.name)


def a_link_to_nothing(repository: Path) -> None:
    shutil.rmtree(repository)
    repository.symlink_to("deleted.git")


def a_head_that_links_to_itself(repository: Path) -> None:
    (repository / "HEAD").unlink()
    (repository / "HEAD").symlink_to("HEAD")


def a_file_of_refs(repository: Path) -> None:
    shutil.rmtree(repository / "refs")
    (repository / "refs").write_text("no folder\n")


DAMAGES = [
    empty_ref, missing_object, no_hex, dangling_head, no_head, head_of_zeros, linked_head, corrupt_packed_refs,
    symref_to_itself, no_objects, reftable, a_file_in_its_place, a_link_to_itself, a_link_to_nothing,
    a_head_that_links_to_itself, a_file_of_refs,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_only_equally_damaged_repositories_are_equal(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    # Given three copies of a repository, of which two are damaged in the same way
    source, live, intact = (create_site(tmp_path / name) for name in ("source", "live", "intact"))
    for root in (source, live):
        damage(root / NAME)

    for create_digest in (
        digest.digest_files,
        digest.digest_refs,
        lambda rules, root: digest.digest_changes(rules, root, CHANGED),
    ):
        # A missing `objects` folder changes no ref
        assert create_digest(PROFILE.files, source) == create_digest(PROFILE.files, live)
        if damage is not no_objects or create_digest is digest.digest_files:
            assert create_digest(PROFILE.files, source) != create_digest(PROFILE.files, intact)


@pytest.mark.parametrize("damage", [empty_ref, missing_object, no_head, head_of_zeros, corrupt_packed_refs, no_objects])
def test_a_broken_repository_is_named(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    root = create_site(tmp_path / "site")
    assert find_broken(PROFILE.files, root)["broken"]["total"] == 0
    damage(root / NAME)
    found = find_broken(PROFILE.files, root)
    assert found["broken"]["total"] == 1
    assert found["broken"]["names"][0].startswith("alice/old.git: ")


def test_repositories_beyond_the_time_limit_are_counted(tmp_path: Path) -> None:
    assert find_broken(PROFILE.files, create_site(tmp_path / "site"), budget_seconds=-1)["not_looked_at"] == 1


def test_every_ref_changes_the_digest(tmp_path: Path) -> None:
    root = create_site(tmp_path / "site")
    before = digest_references(root / NAME)
    subprocess.run(["git", "-C", str(root / NAME), "tag", "v1", "main"], check=True)
    tagged = digest_references(root / NAME)
    (root / NAME / "HEAD").write_text("ref: refs/tags/v1\n")
    assert len({before, tagged, digest_references(root / NAME)}) == 3


def test_a_very_deep_branch_name_does_not_stop_a_comparison(tmp_path: Path) -> None:
    # Given a branch with more parts than Python's recursion limit
    root = create_site(tmp_path / "site")
    folder = os.open(root / NAME / "refs/heads", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("a", dir_fd=folder)
        below = os.open("a", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(os.open("b", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)

    assert NAME in digest.digest_files(PROFILE.files, root)
    assert NAME in digest.digest_refs(PROFILE.files, root)
    subprocess.run(["rm", "-rf", str(root)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a program as another user")
def test_git_runs_with_the_permissions_of_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a repository may name a program, which would otherwise run as root."""
    root = create_site(tmp_path / "site")
    os.chown(root / NAME, 65534, 65533)
    calls: list[dict[str, Any]] = []

    def record(_command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        calls.append(options)
        return subprocess.CompletedProcess([], 0, b"", b"")

    monkeypatch.setattr(subprocess, "run", record)
    find_broken(PROFILE.files, root)
    (options,) = calls
    assert (options["user"], options["group"], tuple(options["extra_groups"])) == (65534, 65533, ())
    assert options["env"]["HOME"] != os.environ.get("HOME")
