"""The processes that may still write to a repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.gogs.git_processes import is_repository_writer
from cutover_site.gogs.layout import GogsLayout
from cutover_site.system.processes import Process, find

GOGS = "/opt/gogs/gogs"
REPOSITORY = "/srv/gogs/repositories/a/b.git"
ROOT = 0


def create_process(*arguments: str) -> Process:
    return Process(1, arguments, PROFILE.owner.uid, "/opt/gogs")


@pytest.mark.parametrize(
    "arguments",
    [
        ("git", "receive-pack", "--stateless-rpc", "."),
        ("/usr/bin/git-receive-pack", "x.git"),
        ("git", "-c", "a.b=c", "fetch", "origin"),
        ("/usr/lib/git-core/git", "index-pack", "--stdin"),
        (GOGS, "hook", "--config=/opt/gogs/custom/conf/app.ini", "pre-receive"),
        (GOGS, "serv", "key-1"),
        ("python3", GOGS, "serv", "key-1"),
        ("git", "gc", "--auto", "--quiet"),
        ("git", "maintenance", "run", "--auto"),
        ("/usr/lib/git-core/git", "repack", "-d", "-l", "-a"),
        ("git", "pack-refs", "--all", "--prune"),
        ("git", "-C", "/x/y.git", "update-server-info"),
        ("git", "--git-dir", "/x/y.git", "update-ref", "refs/heads/x", "0" * 40),
        ("git", "--git-dir=/x/y.git", "worktree", "prune"),
        ("git", "push", "tmp-pull-3", "feature:refs/pull/3/head"),
        ("git", "remote", "update", "--prune"),
        ("git", "branch", "-D", "old"),
        ("git", "tag", "-d", "v1"),
        ("git", "symbolic-ref", "HEAD", "refs/heads/main"),
        ("git", "config", "core.bare", "true"),
        ("git", "some-command-of-tomorrow"),
    ],
)
def test_a_process_that_may_write_is_ended(arguments: tuple[str, ...]) -> None:
    assert is_repository_writer(create_process(*arguments), GogsLayout())


@pytest.mark.parametrize(
    "arguments",
    [
        ("git", "upload-pack", "--stateless-rpc", "."),
        ("git", "pack-objects", "--revs"),
        ("git", "cat-file", "--batch"),
        (GOGS, "web", "--config=/opt/gogs/custom/conf/app.ini"),
        ("bash", "-c", "git receive-pack"),
        ("python3", GOGS, "web"),
        ("git", "-C", REPOSITORY, "upload-pack", "."),
        ("git", "-c", "safe.directory=*", "--git-dir", REPOSITORY, "for-each-ref"),
        ("git-upload-pack", "x.git"),
        ("git", "http-backend"),
        ("git", "archive", "--format=zip", "HEAD"),
        ("git", "symbolic-ref", "HEAD"),
        ("git", "tag", "--list", "--sort=-creatordate"),
        ("git", "branch", "--contains", "abc"),
        ("git", "config", "--get", "user.name"),
        ("git", "--version"),
        ("rsync", "--server", "--sender", "."),
        ("vim", "git-receive-pack"),
    ],
)
def test_readers_and_the_server_are_not_ended(arguments: tuple[str, ...]) -> None:
    assert not is_repository_writer(create_process(*arguments), GogsLayout())


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        (REPOSITORY, ("git", "gc")),
        ("/root", ("git", "-C", REPOSITORY, "gc")),
        ("/root", ("git", f"--git-dir={REPOSITORY}", "repack", "-a")),
        ("/root", ("git", "clone", "--mirror", "https://example.com/x.git", "/srv/gogs/repositories/a/x.git")),
    ],
)
def test_a_git_process_of_any_user_in_the_folders_of_the_site_is_ended(folder: str, arguments: tuple[str, ...]) -> None:
    assert is_repository_writer(Process(1, arguments, ROOT, folder), GogsLayout())


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        ("/etc", ("git", "commit", "-q", "-m", "daily")),
        ("/home/ann/work", ("git", "fetch", "origin")),
        ("/srv/gogs-backup/a.git", ("git", "gc")),
        ("/root", ("git", "-C", "/srv/gogs-backup/a.git", "gc")),
    ],
)
def test_a_git_process_of_another_user_elsewhere_is_not_ended(folder: str, arguments: tuple[str, ...]) -> None:
    assert not is_repository_writer(Process(1, arguments, ROOT, folder), GogsLayout())


def test_user_and_working_directory_of_a_process_are_read(tmp_path: Path) -> None:
    for pid, arguments, folder in (("41", b"git\0gc\0", REPOSITORY), ("42", b"git\0gc\0", "/etc")):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "cmdline").write_bytes(arguments)
        (tmp_path / pid / "cwd").symlink_to(folder)
    (tmp_path / "43").mkdir()  # the process has ended
    found = find(lambda process: is_repository_writer(process, GogsLayout()), proc=tmp_path)
    assert found == [Process(41, ("git", "gc"), tmp_path.stat().st_uid, REPOSITORY)]
