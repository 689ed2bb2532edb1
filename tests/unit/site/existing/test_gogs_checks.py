"""What of an existing Gogs would stop its migration. Each finding names what it is about and what to do."""

from __future__ import annotations

import subprocess

import pytest
from cutover_site.existing.findings import STOPS, UNKNOWN, WARNING

from tests.unit.site.existing.gogs_site import PROGRAM, change, inspect, list_findings
from tests.unit.site.existing.server import Server


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


def test_the_ways_of_the_users_are_facts(site: Server) -> None:
    site.write("etc/nginx/conf.d/forge.conf", "ssl_certificate /x;\nproxy_pass http://127.0.0.1:3000;\n")
    facts = inspect(site).facts
    assert facts["fronts"] == ["nginx (/etc/nginx/conf.d/forge.conf line 2, with TLS)"]
    assert facts["listeners"]["3000"] == ["gogs (gogs.service)"]
    assert facts["listeners"]["443"] == []


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
