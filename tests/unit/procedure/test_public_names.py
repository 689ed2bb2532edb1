"""The public names of the site: checked before the freeze, moved after the commit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from common.errors import RetryableServiceError, StepFailed

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import APP
from tests.unit.procedure.service_fakes import FakeName
from tests.unit.procedure.world import World


@pytest.mark.parametrize("ssh_name", ["git.example.com", "Git.Example.com."])
def test_one_name_for_http_and_ssh_stops_the_run_before_the_freeze(
    world: World, execute: Execute, ssh_name: str
) -> None:
    world.ssh_dns_name = ssh_name

    result = execute("cutover")

    assert result.status == "FAILED"
    assert result.cause["reason"].startswith("the site and Git over SSH have the same name, git.example.com")
    assert "site.ssh_dns_name" in result.cause["next"]
    assert f"freeze on {APP}" not in world.action_log


def test_a_shared_name_resolves_to_http_after_the_commit(world: World, execute: Execute) -> None:
    def rename(step: str) -> None:
        if step == "point-name":
            world.ssh_dns_name = "git.example.com."

    result = execute("cutover", before=rename)

    assert result.status == "SUCCEEDED"
    assert world.names == {"git.example.com": "alb"}
    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert "Git over SSH has no other name" in warning


def test_the_record_sets_of_both_names_are_saved_as_evidence_before_any_change(world: World, execute: Execute) -> None:
    world.ssh_dns_name = "ssh.git.example.com"

    execute("cutover")

    (preflight,) = [json.loads(body) for name, body in world.files.items() if name.endswith("-preflight.json")]
    names = preflight["facts"]["permissions"]["public_names"]
    assert set(names) == {"git.example.com", "ssh.git.example.com"}
    assert names["git.example.com"]["record_sets"][0]["ResourceRecords"] == [{"Value": "203.0.113.1"}]
    assert names["git.example.com"]["tried"] == "tried"


def test_a_name_that_cannot_be_switched_does_not_block_the_others(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ssh_dns_name = "ssh.git.example.com"
    point = FakeName.point_name

    def refuse_site(name: FakeName, host: str, **balancer: str) -> None:
        if host == "git.example.com":
            raise StepFailed("git.example.com cannot be moved", next_action="move it by hand")
        point(name, host, **balancer)

    monkeypatch.setattr(FakeName, "point_name", refuse_site)

    assert execute("cutover").status == "SUCCEEDED"
    assert world.names == {"ssh.git.example.com": "nlb"}
    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert "git.example.com cannot be moved" in warning


def test_a_repeated_move_of_the_names_does_not_take_the_new_record_for_the_old_one(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the first try moves one name and fails at the other, a person who restores `before` must not restore the alias."""
    world.ssh_dns_name = "ssh.git.example.com"
    point, list_old, tries = FakeName.point_name, FakeName.list_record_sets, iter([True])

    def throttle_once(name: FakeName, host: str, **balancer: str) -> None:
        if host == "ssh.git.example.com" and next(tries, False):
            raise RetryableServiceError("route53:ChangeResourceRecordSets: PriorRequestNotComplete")
        point(name, host, **balancer)

    def list_now(name: FakeName, host: str) -> list[dict[str, Any]]:
        if host not in world.names:
            return list_old(name, host)
        alias = {"DNSName": f"{world.names[host]}.", "HostedZoneId": "Z1", "EvaluateTargetHealth": True}
        return [{"Name": f"{host}.", "Type": "A", "AliasTarget": alias}]

    monkeypatch.setattr(FakeName, "point_name", throttle_once)
    monkeypatch.setattr(FakeName, "list_record_sets", list_now)

    assert execute("cutover").status == "SUCCEEDED"
    assert world.names == {"git.example.com": "alb", "ssh.git.example.com": "nlb"}
    (moved,) = [json.loads(body) for name, body in world.files.items() if name.endswith("-point-name.json")]
    assert set(moved["facts"]["before"]) == {"ssh.git.example.com"}
    assert "AliasTarget" not in json.dumps(moved["facts"]["before"])
