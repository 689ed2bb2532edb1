"""Which folders, ports and accounts of an existing Gogs the migration keeps, and which it refuses."""

from __future__ import annotations

import pytest

from tests.unit.site.existing.gogs_site import GOGS_PID, change, inspect
from tests.unit.site.existing.server import Server


def test_every_place_of_the_administrator_is_kept(site: Server) -> None:
    # Given nginx at port 80, and everything where the administrator wanted it
    change(site, "HOST = 127.0.0.1:3306", "HOST = 127.0.0.1:3306\nNAME = forge")
    site.app_ini.write_text(site.app_ini.read_text() + "[lfs]\nOBJECTS_PATH = /mnt/lfs\n")
    site.install_unit(name="forge.service")
    (site.root / "etc/systemd/system/gogs.service").unlink()
    (site.root / f"proc/{GOGS_PID}/cgroup").write_text("0::/system.slice/forge.service\n")
    site.listen(("00000000", 80))
    site.start(6, "/usr/sbin/nginx", group="0::/system.slice/nginx.service", sockets=(1001,))

    assert [one for one in inspect(site).findings if one.check == "layout"] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("SSH_PORT = 2222", "SSH_PORT = 22", "users clone from port 22"),
        ("/home/git/repositories", "/home/git", "repositories of the site are in /home/git, where the program is too"),
        ("/home/git/repositories", "/home/git/gogs/data", "where data/attachments are too"),
        ("/home/git/repositories", "/srv/gogs", "repositories of the site are in /srv/gogs, which overlaps /srv/gogs"),
        ("/home/git/repositories", "/srv/gogs/git", "which overlaps /srv/gogs"),
        ("/home/git/repositories", "/home/git/my repos [new]", "the path of repositories has a character"),
        ("HOST = 127.0.0.1:3306", "HOST = 127.0.0.1:3306\nNAME = a`b", "the schema of Gogs is 'a`b'"),
        ("[session]", "[attachment]\nPATH =\n[session]", "data/attachments of the site are in /home/git/gogs, where"),
    ],
)
def test_a_place_that_cannot_be_kept_is_named(site: Server, old: str, new: str, words: str) -> None:
    change(site, old, new)
    found = [one.what for one in inspect(site).findings if one.check == "layout"]
    assert any(words in text for text in found), found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("git:x:1000:1000:Git:{root}/home/git:/usr/sbin/nologin", "the shell of git is /usr/sbin/nologin"),
        ("git:x:1000:1000:Git:/var/git:/bin/bash", "and the home of its user git is /var/git"),
    ],
)
def test_an_account_by_which_the_replica_cannot_read_is_refused(site: Server, line: str, words: str) -> None:
    site.write("etc/passwd", f"{line}\n")
    (finding,) = [one for one in inspect(site).findings if one.check == "user"]
    assert words in finding.what


def test_a_home_that_is_the_work_directory_is_refused(site: Server) -> None:
    site.write("etc/passwd", f"git:x:1000:1000:Git:{site.home}/gogs:/bin/bash\n")
    (site.root / f"proc/{GOGS_PID}/environ").write_bytes(f"HOME={site.home}/gogs\0USER=git\0".encode())
    assert any("is not apart from the work directory" in one.what for one in inspect(site).findings)


def test_a_full_folder_at_the_place_of_the_tool_is_refused(site: Server) -> None:
    site.write("srv/gogs/repositories/other/x", "1")
    assert any("/srv/gogs/repositories is not empty" in one.what for one in inspect(site).findings)


def test_a_site_at_the_place_of_the_tool_is_no_overlap(site: Server) -> None:
    change(site, "/home/git/repositories", "/srv/gogs/repositories")
    site.write("srv/gogs/repositories/other/x", "1")
    assert [one for one in inspect(site).findings if one.check == "layout"] == []
