"""What of an existing Gogs would stop its migration. Each finding names what it is about and what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.existing.findings import STOPS, UNKNOWN, WARNING, Finding
from cutover_site.existing.inspection import Inspection
from cutover_site.gogs.existing import checks

from tests.unit.site.existing.server import UNIT, Server

READY = """\
BRAND_NAME = Forge
RUN_USER = git
[server]
EXTERNAL_URL = https://git.example.test/
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
START_SSH_SERVER = true
SSH_PORT = 2222
SSH_LISTEN_PORT = 2223
[repository]
ROOT = {root}/home/git/repositories
[database]
TYPE = mysql
HOST = 127.0.0.1:3306
[security]
INSTALL_LOCK = true
SECRET_KEY = key-of-the-site
[session]
PROVIDER = file
"""
PROGRAM = '#!/bin/sh\necho "Gogs version 0.14.3"\n'
GOGS_PID = 77


@pytest.fixture
def site(server: Server) -> Server:
    """Return a server with a Gogs that has nothing unusual but its places."""
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.write("home/git/gogs/gogs", PROGRAM).chmod(0o755)
    for folder in (server.root, server.home, server.home / "gogs"):
        folder.chmod(0o755)
    (server.home / "repositories").mkdir()
    server.install_unit()
    server.listen(("0100007F", 3000), ("00000000", 2223), ("00000000", 22))
    server.start(GOGS_PID, "{root}/home/git/gogs/gogs", "web", sockets=(1001, 1002))
    server.start(5, "/usr/sbin/sshd", group="0::/system.slice/ssh.service", sockets=(1003,))
    return server


def inspect(site: Server, settings: Path | None = None) -> Inspection:
    return checks.inspect(site.host, PROFILE, settings)


def list_findings(site: Server) -> list[Finding]:
    """Return the findings, except those about the version, which needs a program that another user may run."""
    found = inspect(site).findings
    assert all(one.what and one.action and not one.what.endswith(".") for one in found)
    assert "key-of" not in repr(found)
    return [one for one in found if one.check != "release"]


def change(site: Server, old: str, new: str) -> None:
    assert old in READY
    site.write("home/git/gogs/custom/conf/app.ini", READY.replace(old, new))


def test_a_site_that_can_be_migrated_but_for_its_places(site: Server) -> None:
    assert list_findings(site) == []
    result = inspect(site)
    assert result.is_found
    assert result.account is not None
    assert result.account.name == "git"
    assert result.database is not None
    assert result.database.schemas == ("gogs",)


@pytest.mark.parametrize(
    ("old", "new", "check", "level", "words"),
    [
        ("TYPE = mysql", "TYPE = sqlite3", "database-kind", STOPS, "TYPE is sqlite3"),
        ("TYPE = mysql\n", "", "database-kind", STOPS, "TYPE is postgres"),
        ("START_SSH_SERVER = true", "START_SSH_SERVER = false", "ssh", STOPS, "OpenSSH"),
        ("PROTOCOL = http", "PROTOCOL = https", "http", STOPS, "PROTOCOL is https"),
        ("PROTOCOL = http", "PROTOCOL = unix", "http", STOPS, "PROTOCOL is unix"),
        ("git.example.test/", "git.example.test/forge/", "url", WARNING, "below the path /forge"),
        ("git.example.test/", "git.example.test/a(b)/", "url", STOPS, "below the path /a(b)"),
        ("git.example.test/", "git.example.test:8443/", "url", STOPS, "at the port 8443"),
        ("https://git.example.test/", "http://localhost:3000/", "url", STOPS, "no public name"),
        ("https://git.example.test/", "git.example.test", "url", STOPS, "no address of a site"),
        ("SECRET_KEY = key-of-the-site", "SECRET_KEY =", "secret-key", STOPS, "SECRET_KEY"),
        ("SECRET_KEY = key-of-the-site", "SECRET_KEY = ${KEY}", "secret-key", STOPS, "environment variable KEY"),
        ("INSTALL_LOCK = true", "INSTALL_LOCK = false", "settings", STOPS, "INSTALL_LOCK"),
        ("RUN_USER = git", "RUN_USER = gogs", "user", STOPS, "RUN_USER is gogs"),
        ("PROVIDER = file", "PROVIDER = memory", "sessions", WARNING, "sessions are not carried over"),
        ("[session]", "[cache]\nADAPTER = redis\n[session]", "cache", WARNING, "redis"),
        ("[session]", "[auth]\nENABLE_REVERSE_PROXY_AUTHENTICATION = true\n[session]", "identity-header", WARNING, "X-WEBAUTH-USER"),
    ],
)  # fmt: skip
def test_a_setting_that_matters_is_reported(
    site: Server, old: str, new: str, check: str, level: str, words: str
) -> None:
    change(site, old, new)
    assert [(one.check, one.level) for one in list_findings(site) if words in one.what] == [(check, level)]


def test_settings_that_gogs_cannot_read_are_one_finding(site: Server) -> None:
    change(site, "[session]", "[session\nnonsense")
    (finding,) = list_findings(site)
    assert (finding.check, "app.ini line" in finding.what) == ("settings", True)


def test_two_installations_are_refused_with_both_files(site: Server) -> None:
    site.install_unit(UNIT.replace("/home/git/gogs", "/opt/second"), "forge.service")
    (finding,) = list_findings(site)
    assert finding.check == "two-applications"
    assert f"{site.root}/opt/second/custom/conf/app.ini" in finding.what


def put_into_namespace(site: Server, pid: int) -> None:
    """Put a process into a PID namespace of its own."""
    for place, number in (("self", 1), (str(pid), 2)):
        (site.root / f"proc/{place}/ns").mkdir(parents=True)
        (site.root / f"proc/{place}/ns/pid").symlink_to(f"pid:[{number}]")


def test_a_container_is_refused_and_its_paths_are_not_read(site: Server) -> None:
    put_into_namespace(site, GOGS_PID)
    (site.root / "etc/systemd/system/gogs.service").unlink()
    (finding,) = list_findings(site)
    assert (finding.check, f"process {GOGS_PID}" in finding.what) == ("container", True)
    assert inspect(site).facts == {}


def test_a_container_is_recognized_by_its_control_group(site: Server) -> None:
    (site.root / f"proc/{GOGS_PID}/cgroup").write_text("0::/docker/1f\n")
    (site.root / "etc/systemd/system/gogs.service").unlink()
    assert [one.check for one in list_findings(site)] == ["container"]


def test_a_gogs_in_a_container_beside_that_of_the_machine_is_named(site: Server) -> None:
    site.start(90, "/app/gogs/gogs", "web", environment={}, folder="/app/gogs")
    put_into_namespace(site, 90)
    (finding,) = list_findings(site)
    assert finding.check == "two-applications"
    assert "/app/gogs/custom/conf/app.ini in a container" in finding.what


def test_a_gogs_that_a_person_started_is_refused(site: Server) -> None:
    (site.root / f"proc/{GOGS_PID}/cgroup").write_text("0::/user.slice/user@1000.service/app.slice/tmux.scope\n")
    (finding,) = list_findings(site)
    assert (finding.check, "was not started by a systemd unit" in finding.what) == ("unit", True)


def test_a_gogs_that_does_not_run_is_refused(server: Server) -> None:
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.install_unit()
    assert "Gogs does not run (unit gogs.service)" in [one.what for one in list_findings(server)]


def test_a_gogs_of_root_is_refused(server: Server) -> None:
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.install_unit(UNIT.replace("User=git\n", ""))
    assert "Gogs runs as root" in [one.what for one in list_findings(server)]


def test_gogs_at_the_port_of_sshd_is_refused(site: Server) -> None:
    site.listen(("0100007F", 3000), ("00000000", 22))
    (finding,) = list_findings(site)
    assert (finding.check, finding.level, "port 22" in finding.what) == ("ssh", STOPS, True)


def test_a_machine_without_sshd_is_a_warning(site: Server) -> None:
    site.listen(("0100007F", 3000), ("00000000", 2223))
    assert [(one.check, one.level) for one in list_findings(site)] == [("ssh", WARNING)]


def test_a_hook_that_calls_another_gogs_is_refused(site: Server) -> None:
    for name in ("pre-receive", "update", "post-receive"):
        text = f"#!/usr/bin/env bash\n\"/opt/old/gogs\" hook --config='{site.app_ini}' {name}\n"
        site.write(f"home/git/repositories/a/b.git/hooks/{name}", text).chmod(0o755)
    (finding,) = [one for one in list_findings(site) if one.check == "hooks"]
    assert (finding.check, "they call /opt/old/gogs" in finding.what) == ("hooks", True)
    assert f"--config={site.app_ini}` as git" in finding.action


@pytest.mark.parametrize(
    ("program", "check"),
    [(PROGRAM, None), (PROGRAM.replace("0.14.3", "0.12.11"), STOPS), ("#!/bin/sh\nexit 1\n", UNKNOWN)],
)
def test_the_release_is_asked_of_the_program(
    site: Server, monkeypatch: pytest.MonkeyPatch, program: str, check: str | None
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)  # as the user who runs the tests, who may read this folder
    site.write("home/git/gogs/gogs", program)
    assert [one.level for one in inspect(site).findings if one.check == "release"] == ([check] if check else [])


@pytest.mark.parametrize(("version", "count"), [("0.14.3", 1), ("0.12.11", 0)])
def test_names_that_the_running_release_ignores_are_a_warning(
    site: Server, monkeypatch: pytest.MonkeyPatch, version: str, count: int
) -> None:
    monkeypatch.setattr("cutover_site.gogs.existing.reading.read_output_as", lambda *_args, **_more: version)
    change(site, "EXTERNAL_URL", "ROOT_URL")
    found = [one.what for one in inspect(site).findings if one.check == "old-names"]
    assert len(found) == count
    assert all("[server] ROOT_URL" in text for text in found)


def test_an_app_ini_that_was_named_is_chosen(site: Server) -> None:
    other = site.write("opt/second/custom/conf/app.ini", READY.replace("{root}", "").replace("INSTALL_LOCK = true", ""))
    result = inspect(site, other)
    assert result.facts["app_ini"] == str(other)
    assert {"unit", "two-applications"} <= {one.check for one in result.findings}


def test_a_machine_without_gogs_has_no_installation(server: Server) -> None:
    assert not inspect(server).is_found


def test_the_ways_of_the_users_are_facts(site: Server) -> None:
    site.write("etc/nginx/conf.d/forge.conf", "ssl_certificate /x;\nproxy_pass http://127.0.0.1:3000;\n")
    facts = inspect(site).facts
    assert facts["fronts"] == ["nginx (/etc/nginx/conf.d/forge.conf line 2, with TLS)"]
    assert facts["listeners"]["3000"] == ["gogs (gogs.service)"]
    assert facts["listeners"]["443"] == []


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


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("frontend mail\n  bind :25\n", 1),
        ("global\n  daemon\n", 0),
        ("frontend site\n  lua-load /etc/haproxy/cutover/hold.lua\n", 0),
    ],
)
def test_a_haproxy_that_serves_something_else_is_refused(site: Server, text: str, count: int) -> None:
    site.write("etc/haproxy/haproxy.cfg", text)
    assert len([one for one in inspect(site).findings if "haproxy.cfg has frontends" in one.what]) == count


def test_a_broken_repository_is_a_warning(site: Server) -> None:
    repository = site.home / "repositories/a/b.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    for name in ("pre-receive", "update", "post-receive"):
        site.write(
            f"home/git/repositories/a/b.git/hooks/{name}", f"\"{site.home}/gogs/gogs\" hook --config='{site.app_ini}' x"
        ).chmod(0o755)
    assert list_findings(site) == []
    (repository / "refs/heads/main").write_text("1234567890123456789012345678901234567890\n")
    (finding,) = list_findings(site)
    assert (finding.check, finding.level, "a/b.git" in finding.what) == ("repositories", WARNING, True)
