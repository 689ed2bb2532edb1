"""The verbs `adopt` and `release-source`: one sentence for each reason not to change anything."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from applications.profile import Profile
from cutover_site.adopt import adoption, checks, verb
from cutover_site.cli import main
from cutover_site.existing.findings import Finding, stop, warn
from cutover_site.layout import Layout, forget_site_file
from cutover_site.machine import Machine

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import FakeMarkers, FakeUnits, read_everything

WORDS = (
    "--site",
    "forge",
    "--region",
    "us-east-1",
    "--node-id",
    "mi-0123456789abcdef0",
    "--role",
    "source-app",
    "--role",
    "source-database",
)
HARDWARE = "uuid:4c4c4544-0042-3510-8052-b7c04f503733"
Call = Callable[..., tuple[int, list[str], dict[str, Any]]]


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What `check-source` finds."""
    found = [warn("cache", "the cache is not carried over", "nothing")]

    def check_source(*_: object) -> tuple[dict[str, Any], list[Finding]]:
        is_met = all(one.level == "warning" for one in found)
        return {"ok": is_met, "roles": ["source-app", "source-database"], "findings": [], "reason": "1 finding"}, found

    monkeypatch.setattr(checks, "check_source", check_source)
    return found


@pytest.fixture
def call(
    forge: Server,
    units: FakeUnits,
    findings: list[Finding],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    """Return a function that runs a verb and returns the exit code, the lines before the result, and the result."""
    del findings
    for name, text in (("sys_vendor", "QEMU"), ("product_uuid", HARDWARE.removeprefix("uuid:"))):
        forge.write(f"sys/class/dmi/id/{name}", text)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", lambda *_args, **_more: None)
    monkeypatch.setattr("os.fchown", lambda *_args, **_more: None)

    def create(layout: Layout, profile: Profile, settings: Path | None = None) -> adoption.Adoption:
        return adoption.Adoption(layout, profile, settings, units=units, verify=lambda *_: None, markers=FakeMarkers())

    monkeypatch.setattr(verb, "Adoption", create)

    def run(*arguments: str) -> tuple[int, list[str], dict[str, Any]]:
        forget_site_file()
        code = main(verb.VERBS, arguments, Machine(layout=Layout(forge.root)))
        *lines, last = capsys.readouterr().out.splitlines()
        return code, lines, json.loads(last)

    return run


def test_the_identity_of_a_hybrid_node_is_recorded_with_its_hardware(call: Call, forge: Server) -> None:
    assert call("adopt", *WORDS)[0] == 0
    assert json.loads((forge.root / "var/lib/cutover/configured-for").read_text())["hardware"] == HARDWARE


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("--node-id", "../x"),
        ("--node-id", "mi-1"),
        ("--node-id", ""),
        ("--site", "A forge"),
        ("--site", "forge-"),
        ("--site", ""),
        ("--region", "Frankfurt"),
        ("--region", "eu central 1"),
    ],
)
def test_a_name_that_no_migration_can_have_is_refused_first(option: str, given: str, call: Call, forge: Server) -> None:
    before = read_everything(forge.root)

    code, lines, result = call("adopt", *WORDS, option, given)  # the last one counts
    assert (code, lines) == (1, [])
    assert result["reason"].startswith(f"{option} is {given!r}, which is no {option[2:]} (")
    assert result["next"].startswith("name ")
    assert read_everything(forge.root) == before


def test_a_dry_run_needs_no_file_of_the_proxy(call: Call, forge: Server) -> None:
    for file in (forge.root / "opt/cutover/front").iterdir():
        file.unlink()
    code, _lines, result = call("adopt", "--dry-run", *WORDS)
    assert (code, result["changed"]) == (0, False)
    code, _lines, result = call("adopt", *WORDS)
    assert code != 0
    assert "is not on this machine" in result["reason"]


def test_a_dry_run_prints_each_change_and_changes_nothing(call: Call, forge: Server) -> None:
    before = read_everything(forge.root)
    code, lines, result = call("adopt", "--dry-run", *WORDS)
    assert (code, result["changed"]) == (0, False)
    assert any(line.startswith(" 1. ") for line in lines)
    assert any("[server] HTTP_PORT = (default)" in line and "takes over the address" in line for line in lines)
    assert len(result["changes"]) == len([line for line in lines if " -> " in line or ": as it is" in line])
    assert read_everything(forge.root) == before


def test_a_dry_run_needs_nothing_of_the_playbook(call: Call, forge: Server) -> None:
    shutil.rmtree(forge.root / "opt/cutover")
    code, lines, result = call("adopt", "--dry-run", *WORDS)
    assert (code, result["identity_headers"]) == (0, ["X-WEBAUTH-USER"])
    assert any("haproxy.cfg" in line and "rendered by prepare_source.yml" in line for line in lines)
    assert call("adopt", *WORDS)[0] == 1


def test_an_adoption_is_made_once(call: Call, forge: Server) -> None:
    code, _, result = call("adopt", *WORDS)
    assert (code, result["changed"]) == (0, True)
    assert result["warnings_of_checks"] == ["the cache is not carried over"]
    before = read_everything(forge.root)
    for options in ((), ("--dry-run",)):
        code, _, again = call("adopt", *options, *WORDS)
        assert (code, again["changed"], again["changes"]) == (0, False, [])
        assert again["installation"] == result["installation"]
    # The lock is in memory; the state of the machine is not touched.
    assert [path for path, one in read_everything(forge.root).items() if before[path] != one] == [
        "run/cutover-adopt.lock"
    ]


def test_every_finding_is_in_the_refusal_and_nothing_changed(
    call: Call, forge: Server, findings: list[Finding]
) -> None:
    findings += [
        stop("binary-log", "the binary log is off", "switch it on"),
        stop("two-applications", "this machine has more than one Gogs", "move"),
    ]
    before = read_everything(forge.root)
    code, _, result = call("adopt", *WORDS)
    assert code == 1
    assert result["reason"].startswith(
        "nothing was changed: the binary log is off (next: switch it on); this machine has more than one Gogs (next: move)"
    )
    assert {path for path in read_everything(forge.root) if not path.startswith("run")} == {*before}


def test_a_role_that_this_machine_cannot_have_is_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "check_source", lambda *_: ({"ok": True, "roles": ["source-app"]}, []))
    code, _, result = call("adopt", *WORDS)
    assert (code, "nothing for the role source-database: source-app was found" in result["reason"]) == (1, True)


def test_another_site_is_refused_also_by_the_dry_run(call: Call) -> None:
    call("adopt", *WORDS)
    for options in ((), ("--dry-run",)):
        code, _, result = call("adopt", *options, *(word.replace("forge", "other") for word in WORDS))
        assert (code, "adopted for the site forge, not for other" in result["reason"]) == (1, True)


def test_other_options_need_a_release(call: Call) -> None:
    call("adopt", *WORDS)
    code, _, result = call("adopt", *(word.replace("us-east-1", "eu-west-1") for word in WORDS))
    assert (code, "adopted with other options" in result["reason"], "release-source" in result["next"]) == (
        1,
        True,
        True,
    )


def test_a_release_restores_everything(call: Call, forge: Server) -> None:
    before = read_everything(forge.root)
    call("adopt", *WORDS)
    code, _, result = call("release-source")
    assert (code, result["changed"], result["kept"]) == (0, True, [])
    after = read_everything(forge.root)
    assert {path: one for path, one in after.items() if not path.startswith("run")} == before
    assert call("release-source")[2]["changed"] is False


def test_only_root_adopts(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    for words in (("adopt", *WORDS), ("release-source",)):
        code, _, result = call(*words)
        assert (code, "must run as root" in result["reason"]) == (1, True)


def test_a_managed_database_needs_both_roles(call: Call, forge: Server) -> None:
    before = read_everything(forge.root)
    code, _lines, result = call("adopt", *WORDS[:-2], "--administrator-secret", "rds!db-1")
    assert code == 1
    assert result["reason"].startswith("a managed database is administered by the application server")
    assert read_everything(forge.root) == before


def test_the_administrator_of_a_managed_database_is_named_in_the_file_of_the_site(call: Call, forge: Server) -> None:
    assert call("adopt", *WORDS, "--administrator-secret", "rds!db-1")[0] == 0
    found = json.loads((forge.root / "etc/cutover/site.json").read_text())["source_database"]
    assert found["administrator"] == {"secret": "rds!db-1", "tls": "verify"}
    code, _lines, result = call("adopt", *WORDS)
    assert (code, "it was adopted with other options" in result["reason"]) == (1, True)
