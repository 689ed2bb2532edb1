"""Which processes may still write into a repository."""

import pytest
from cutover_site.freeze.git_processes import changes_repositories
from cutover_site.layout import Layout

GOGS = "/opt/gogs/gogs"


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
    ],
)
def test_writers_are_ended(arguments: tuple[str, ...]) -> None:
    assert changes_repositories(arguments, Layout())


@pytest.mark.parametrize(
    "arguments",
    [
        ("git", "upload-pack", "--stateless-rpc", "."),
        ("git", "pack-objects", "--revs"),
        ("git", "cat-file", "--batch"),
        (GOGS, "web", "--config=/opt/gogs/custom/conf/app.ini"),
        ("bash", "-c", "git receive-pack"),
        ("python3", GOGS, "web"),
    ],
)
def test_readers_and_the_server_go_on(arguments: tuple[str, ...]) -> None:
    assert not changes_repositories(arguments, Layout())
