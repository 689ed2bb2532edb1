"""The command line, the health check, the guard, and the mode of the proxy."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.cli import Option, Verb, build_parser, main
from cutover_site.config import SiteConfig
from cutover_site.configured_for import ConfiguredFor, find_rejection_reason, write_configured_for
from cutover_site.errors import CommandFailed, NotConfigured, Refused
from cutover_site.gogs import settings_file
from cutover_site.gogs.app_ini import Instance
from cutover_site.gogs.layout import GogsLayout
from cutover_site.health import find_problem
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.proxy.forwarding import Address
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import Runtime
from cutover_site.system import commands
from cutover_site.verbs import ALL

ROOT = Path(__file__).parents[3]


class NamedMachine(Machine):
    @property
    def name(self) -> str:
        return "replica i-1"


def run(verb: Any, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main([Verb("do", "", verb, (Option("x", default="1"),))], ["do"], NamedMachine())
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_last_line_of_the_output_is_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    def verb(_machine: Machine, options: argparse.Namespace) -> dict[str, Any]:
        print("something else")
        return {"x": options.x}

    assert run(verb, capsys) == (0, {"ok": True, "x": "1"})


def test_a_rejection_has_reason_machine_and_next_action(capsys: pytest.CaptureFixture[str]) -> None:
    def verb(_machine: Machine, _options: argparse.Namespace) -> dict[str, Any]:
        raise Refused("not here", next_action="go there")

    assert run(verb, capsys) == (1, {"ok": False, "reason": "not here (replica i-1)", "next": "go there"})


def test_a_crash_prints_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    def verb(_machine: Machine, _options: argparse.Namespace) -> dict[str, Any]:
        raise KeyError("k")

    code, facts = run(verb, capsys)
    assert code == 1
    assert "do crashed: KeyError" in facts["reason"]


@pytest.mark.parametrize("name", ["ranges-of", "keys"])
def test_an_option_is_accepted_under_its_current_and_former_name(name: str) -> None:
    options = build_parser(ALL, ()).parse_args(["freeze-database", "--run", "r1", f"--{name}", "issue,action"])
    assert options.ranges_of == "issue,action"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("configured for another machine"), 1),
        (NotConfigured("the metadata service does not answer"), 255),
        (OSError("disk"), 255),
    ],
)
def test_a_guard_that_fails_exits_with_another_code_than_a_rejection(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For systemd, 1 means "not on this machine" and it does not retry; 255 fails the unit, and systemd restarts it."""

    def reject(*_: object) -> str:
        raise error

    monkeypatch.setattr("cutover_site.verbs.identity.find_rejection_reason", reject)
    monkeypatch.setattr(NamedMachine, "instance_id", "i-1")
    assert main(ALL, ["guard"], NamedMachine()) == code
    assert not json.loads(capsys.readouterr().out)["ok"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, "* Database connection: OK\n", ""),
        (200, "* Database connection: dial tcp 10.0.0.1:3306: connection refused\n", "connection refused"),
        (200, "", "does not contain 'Database connection: OK'"),
        (503, "", "503"),
    ],
)
def test_the_health_check_evaluates_status_and_body(status: int, body: str, expected: str) -> None:
    problem = find_problem(PROFILE, status, body)
    assert expected in problem
    assert bool(expected) == bool(problem)


def test_gogs_starts_only_on_the_machine_that_it_was_configured_for(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert "no machine" in find_rejection_reason(layout, "i-source")
    write_configured_for(layout, ConfiguredFor("i-source", "source", background=True))
    assert find_rejection_reason(layout, "i-source") == ""
    assert "i-source" in find_rejection_reason(layout, "i-replica")
    write_configured_for(layout, ConfiguredFor("i-source", "live", background=True))
    assert "not mounted" in find_rejection_reason(layout, "i-source")
    layout.configured_for.write_text("damaged")
    assert find_rejection_reason(layout, "i-source")


def test_a_file_with_secrets_is_overwritten_and_replaced_by_a_link(tmp_path: Path) -> None:
    secret = tmp_path / "app.ini"
    secret.write_text("PASSWORD = x")
    other = tmp_path / "other-name"
    os.link(secret, other)
    settings_file.replace_by_link(secret, tmp_path / "volatile")
    assert secret.readlink() == tmp_path / "volatile"
    assert set(other.read_bytes()) == {0}


def test_a_replaced_app_ini_leaves_no_secret_on_the_disk(tmp_path: Path) -> None:
    layout = GogsLayout(tmp_path)
    layout.app_ini.parent.mkdir(parents=True)
    layout.app_ini.write_text("[database]\nPASSWORD = old-pass\n")
    held = tmp_path / "held"
    os.link(layout.app_ini, held)
    instance = Instance(
        instance_id="source", site_url="http://git.example.com/", database_host="db", database_port=3306, schema="gogs",
        tls="preferred", user="gogs", password="new-pass", secret_key="key", background=True, mail=True,
    )  # fmt: skip

    assert settings_file.write_app_ini(layout, instance, volatile=False)
    assert set(held.read_bytes()) == {0}
    written = layout.app_ini.read_text()
    assert "new-pass" in written

    # And a file in use is not overwritten
    assert not settings_file.write_app_ini(layout, instance, volatile=False)
    os.link(layout.app_ini, layout.app_ini.parent / ".app.ini.before")  # an interrupted write
    assert not settings_file.write_app_ini(layout, instance, volatile=False)
    assert layout.app_ini.read_text() == written
    assert [path.name for path in layout.app_ini.parent.iterdir()] == ["app.ini"]


def test_a_proxy_without_a_readable_mode_is_frozen(tmp_path: Path) -> None:
    modes = ProxyModes(tmp_path, Runtime(tmp_path / "socket"))
    assert modes.read_stored() == "frozen"
    modes.store("open")
    assert modes.read_stored() == "open"
    modes.map_file.write_text("mode ajar\n")
    assert modes.read_stored() == "frozen"


@pytest.mark.parametrize("text", ["", "host", "host:0", "host:99999", "a b:80", "host:80\n    evil"])
def test_an_invalid_address_is_rejected(text: str) -> None:
    with pytest.raises(Refused):
        Address.parse(text)


@pytest.mark.parametrize("name", ["a b", "host\n", "host) ssl verify none #"])
def test_an_invalid_tls_host_name_is_rejected(name: str) -> None:
    with pytest.raises(Refused):
        Address.parse("host:443", tls=name)


def test_incomplete_settings_of_a_machine_are_rejected(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.site_file.parent.mkdir(parents=True)
    layout.site_file.write_text(
        json.dumps(
            {"site": "gogs", "region": "eu-west-1", "role": "source-app"}
            | {"source_database": {"host": "h", "port": 1, "secret": "s"}}
        )
    )
    loaded = SiteConfig.load(layout)
    assert loaded.source_database is not None
    assert loaded.source_database.host == "h"
    layout.site_file.write_text('{"site": "gogs"}')
    with pytest.raises(NotConfigured, match=r"site\.json"):
        SiteConfig.load(layout)


def test_the_error_of_a_long_command_ends_with_the_output_of_the_program() -> None:
    with pytest.raises(CommandFailed) as failed:
        commands.run("sh", "-c", "echo no such file >&2; exit 3", *["--exclude=/data/something/"] * 30)
    assert failed.value.reason.endswith("… ended with 3: no such file")
    assert len(failed.value.reason) < 150
