"""The verb `check-source`: everything at once, for people and as JSON, on a machine that has nothing of a migration, and without any change."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cutover_site
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.cli import main
from cutover_site.errors import Refused
from cutover_site.existing.check import Request, check_source
from cutover_site.existing.findings import STOPS, UNKNOWN, WARNING, Finding, format_findings, is_met, sort_findings
from cutover_site.existing.verb import VERBS
from cutover_site.layout import Layout
from cutover_site.machine import Machine

from tests.unit.site.existing.server import Server

SITE = Path(cutover_site.__file__).parents[1]
IMPORTS = """
import os, runpy, sys
os.geteuid = lambda: 1000
sys.argv = ["cutover-site", *{verb}]
import cutover_site.gogs.existing.checks
runpy.run_module("cutover_site", run_name="__main__")
"""
BAD = """\
APP_NAME = Forge
RUN_USER = git
[server]
ROOT_URL = https://code.example.test:8443/git/
PROTOCOL = unix
HTTP_ADDR = /run/gogs.sock
[repository]
ROOT = {root}/nowhere
[database]
DB_TYPE = postgres
[security]
INSTALL_LOCK = true
SECRET_KEY = key-of-the-site
"""


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(
        "cutover_site.gogs.existing.reading.read_output_as", lambda *_args, **_more: "Gogs version 0.12.11"
    )


@pytest.fixture
def site(server: Server) -> Server:
    """Return a server on which much is wrong."""
    server.write("home/git/gogs/custom/conf/app.ini", BAD)
    server.install_unit()
    server.start(77, "{root}/home/git/gogs/gogs", "web")
    server.write("etc/os-release", 'ID=debian\nVERSION_ID="9"\n')
    server.write("var/lib/aws-replication-agent/agent.log.0", "")
    server.write("etc/cutover/site.json", json.dumps({"site": "other", "role": "source-app"}))
    server.write("home/git/gogs/data/attachments/1", "x")
    return server


def call(server: Server, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str], dict[str, Any]]:
    """Return the exit code, the lines before the result, and the result."""
    code = main(VERBS, ["check-source", *options], Machine(layout=Layout(server.root)))
    *lines, last = capsys.readouterr().out.splitlines()
    return code, lines, json.loads(last)


def test_everything_that_is_wrong_is_reported_at_once(site: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, result = call(site, capsys, "--site", "forge")

    stops = {found["check"] for found in result["findings"] if found["level"] == STOPS}
    assert code == 1
    assert {"systemd", "preparation", "release", "database-kind", "http", "url", "ssh", "data"} <= stops
    assert {"agent-in-the-way", "operating-system"} <= stops
    assert result["reason"].startswith(
        f"{len([one for one in result['findings'] if one['level'] == STOPS])} findings would stop"
    )
    # Each finding says what, where and what to do, and people read the same.
    for found in result["findings"]:
        assert found["what"]
        assert found["machine"] == site.host.name
        assert found["action"]
        assert any(found["check"] in line and found["what"][:300] in line for line in lines)


def test_the_check_changes_nothing(site: Server, capsys: pytest.CaptureFixture[str]) -> None:
    before = site.digest()
    call(site, capsys)
    assert site.digest() == before


def test_the_result_has_no_secret(site: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, result = call(site, capsys)
    assert "key-of-the-site" not in json.dumps(result) + "\n".join(lines)
    assert code == 1


def test_only_the_result_is_printed_as_json(site: Server, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, result = call(site, capsys, "--json")
    assert lines == []
    assert result["application"]["http"]["sub_path"] == "/git"
    assert result["roles"] == ["source-app"]


def test_a_machine_with_nothing_of_the_source_is_refused(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, result = call(server, capsys)
    assert code == 1
    assert "roles" in [found["check"] for found in result["findings"]]


def test_a_database_on_another_machine_is_named(site: Server, capsys: pytest.CaptureFixture[str]) -> None:
    text = BAD.replace("DB_TYPE = postgres", "DB_TYPE = mysql\nHOST = 192.0.2.7:3306\nNAME = forge")
    site.write("home/git/gogs/custom/conf/app.ini", text)
    _, lines, result = call(site, capsys)
    assert result["elsewhere"] == [
        "the database is on 192.0.2.7: run check-source there too, with --schema forge; if it is a managed service, here with --managed-database"
    ]
    assert lines[-1] == result["elsewhere"][0]


def test_a_local_database_that_cannot_be_reached_is_never_ready(
    site: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    site.write("home/git/gogs/custom/conf/app.ini", BAD.replace("postgres", "mysql"))
    _, _, result = call(site, capsys)
    assert result["roles"] == ["source-app", "source-database"]
    assert ("database-root", STOPS) in [(found["check"], found["level"]) for found in result["findings"]]


def test_a_server_that_the_application_does_not_use_is_not_checked(
    site: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutover_site.existing.check.find_socket", lambda *_: Path("/run/mysqld/mysqld.sock"))
    assert call(site, capsys)[2]["roles"] == ["source-app"]  # its settings name PostgreSQL


def test_a_user_who_cannot_read_everything_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Refused, match="must run as root"):
        check_source(server.host, PROFILE, Request(provider="mgn"))


def test_an_unknown_application_is_one_sentence(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, result = call(server, capsys, "--application", "gitea")
    assert (code, "application 'gitea' is not known" in result["reason"]) == (1, True)


@pytest.mark.parametrize(
    "verb",
    [
        ["release-source"],
        ["adopt", "--dry-run", *["--site", "s", "--region", "r", "--node-id", "mi-1", "--role", "source-app"]],
    ],
)
def test_an_adoption_needs_no_other_package(verb: list[str]) -> None:
    # The modules are imported before the process finds that it is not root, or that there is nothing to do or to migrate.
    command = [sys.executable, "-S", "-c", IMPORTS.format(verb=verb)]
    done = subprocess.run(
        command, cwd=SITE, capture_output=True, text=True, check=False, env={"PYTHONDONTWRITEBYTECODE": "1"}
    )
    assert json.loads(done.stdout.splitlines()[-1])["reason"].startswith(
        "cutover-site changes the system and must run as root"
    )


def test_the_verb_runs_with_the_folder_of_the_tool_alone(tmp_path: Path) -> None:
    # Given a Python without boto3, requests and PyMySQL (-S: no packages), and no settings of this product
    command = [
        sys.executable,
        "-S",
        "-m",
        "cutover_site",
        "check-source",
        "--app-ini",
        str(tmp_path / "app.ini"),
        "--json",
    ]
    done = subprocess.run(
        command, cwd=SITE, capture_output=True, text=True, check=False, env={"PYTHONDONTWRITEBYTECODE": "1"}
    )

    # Then it runs: it reports what it found, or that it must be root
    result = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert "findings would stop" in result["reason"] or "must run as root" in result["reason"]


def test_what_could_not_be_checked_counts_as_not_met() -> None:
    warning, unknown = Finding("a", WARNING, "w", "do"), Finding("b", UNKNOWN, "u", "do")
    assert is_met([warning])
    assert not is_met([warning, unknown])


def test_people_read_the_most_severe_first() -> None:
    found = [
        Finding("a", WARNING, "w", "x"),
        Finding("b", STOPS, "s", "y"),
        Finding("b", STOPS, "s", "y"),
        Finding("c", UNKNOWN, "u", "z"),
    ]
    assert [one.check for one in sort_findings(found)] == ["b", "c", "a"]
    assert format_findings(found, "m")[:2] == ["m, findings that would stop a migration (1):", "  [b] s. Next: y"]
    assert format_findings([], "m") == ["m: nothing that would stop a migration was found"]


def test_a_managed_database_needs_the_account_of_its_administrator(
    site: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(VERBS, ["check-source", "--managed-database"], Machine(layout=Layout(site.root))) != 0
    assert "--managed-database needs the account" in capsys.readouterr().out


def test_a_database_on_this_machine_is_no_managed_one(site: Server, capsys: pytest.CaptureFixture[str]) -> None:
    site.write("home/git/gogs/custom/conf/app.ini", BAD.replace("postgres", "mysql"))
    _, _, result = call(site, capsys, "--managed-database", "--defaults-file", "/root/my.cnf")
    (found,) = [one for one in result["findings"] if one["check"] == "managed-database"]
    assert (found["level"], "is no managed database" in found["what"]) == (STOPS, True)


def test_a_managed_database_that_cannot_be_reached_is_never_ready(
    site: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    text = BAD.replace("DB_TYPE = postgres", "DB_TYPE = mysql\nHOST = rds.invalid:3306\nNAME = forge")
    site.write("home/git/gogs/custom/conf/app.ini", text)
    options = site.write("root/my.cnf", "[client]\nuser = master\npassword = key-of-the-server\n")
    _, lines, result = call(site, capsys, "--managed-database", "--defaults-file", str(options))
    assert result["roles"] == ["source-app", "source-database"]
    (found,) = [one for one in result["findings"] if one["check"] == "managed-database"]
    assert (found["level"], found["what"].startswith("the managed database at rds.invalid cannot be checked")) == (
        UNKNOWN,
        True,
    )
    assert "key-of-the-server" not in json.dumps(result) + "\n".join(lines)
