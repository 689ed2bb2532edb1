"""The point of no return: when it may be passed, that it is passed once, and that nothing after it fails the run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.errors import RetryableServiceError

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP, TARGETS
from tests.unit.procedure.test_contract import understood
from tests.unit.procedure.world import World


def test_a_commit_with_a_lost_response_is_a_commit(world: World, execute: Execute) -> None:
    """The write happened, its answer never came, not even after all retries: rolling back now would mean two sites that take writes."""
    lost = iter(range(100))

    def lose(step: str) -> None:
        if step == "commit":
            if next(lost) == 0:
                world.runs.commit("m1-cutover", margin=0)
            raise RetryableServiceError("no answer")

    result = execute("cutover", before=lose)

    assert result.status == "SUCCEEDED"
    assert not any("thaw" in line for line in world.action_log)
    assert f"forward on {APP}" in world.action_log


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://git.example.com/", {"http": "alb:80"}),
        ("https://git.example.com/", {"http": "alb:443", "tls": "git.example.com"}),
    ],
)
def test_the_source_forwards_with_the_protocol_of_the_target(
    world: World, execute: Execute, url: str, expected: dict[str, str]
) -> None:
    world.site_url = url

    assert execute("cutover").status == "SUCCEEDED"

    sent = [options for _, verb, options in world.sent.values() if verb == "forward"]
    assert sent
    for options in sent:
        understood("forward", options)
        assert {key: options[key] for key in ("http", "tls") if key in options} == expected


def test_the_commit_is_refused_after_the_source_thawed_itself(world: World, execute: Execute) -> None:
    def thaw(step: str) -> None:
        if step == "commit":
            world.dynamo.items["gogs"]["decision"] = {"S": "thaw"}

    result = execute("cutover", before=thaw)

    assert result.status == "FAILED"
    assert "commit refused: thaw" in result.cause["reason"]
    assert world.mode_value == "scratch"


def test_the_commit_requires_a_margin_of_the_lease(world: World, execute: Execute) -> None:
    def late(step: str) -> None:
        if step == "commit":
            world.clock.sleep(world.runs.read().lease_expires - world.clock.now() - 10)
            world.dynamo.items["gogs"]["lock_expires"] = {"N": str(world.clock.now() + 900)}

    result = execute("cutover", before=late)

    assert result.status == "FAILED"
    assert "20 s must be left" in result.cause["reason"]


def test_no_failure_after_the_commit_fails_the_run(world: World, execute: Execute) -> None:
    world.responses["forward"] = failing_response("HAProxy is gone")

    result = execute("cutover")

    assert result.status == "SUCCEEDED"
    outputs = json.loads(world.files["runs/m1-cutover/outputs.json"])
    (warning,) = outputs["warnings"]
    assert warning.startswith(f"Forward on {APP}: after ")
    assert warning.endswith("the source's proxy to forward to the target: HAProxy is gone. Next: look")
    assert "point git.example.com to alb" in world.action_log


def test_an_unreachable_source_after_the_commit_does_not_block_target_traffic(world: World, execute: Execute) -> None:
    world.unreachable = lambda _instance, verb, _options: verb == "forward"

    result = execute("cutover")

    assert result.status == "SUCCEEDED"
    assert "admit 0.0.0.0/0, ::/0" in world.action_log
    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert warning.startswith(f"Forward on {APP}: the machine is not connected")


@pytest.mark.parametrize("by", ["forward", "point-name", "finish"])
def test_a_later_step_allows_target_traffic_after_a_failure(world: World, execute: Execute, by: str) -> None:
    """Nobody reaches the site meanwhile: neither by its name, which the next step moves, nor through the source."""
    world.refusals = sys.maxsize

    def permit(step: str) -> None:
        if step == by:
            world.refusals = 0

    result = execute("cutover", before=permit)

    assert result.status == "SUCCEEDED"
    assert "admit 0.0.0.0/0, ::/0" in world.action_log
    warnings = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert warnings[0].startswith("Admit everyone: ec2:Auth")
    assert warnings[0].endswith("Next: do it by hand, as the runbook describes under After the commit")
    assert f"Admit everyone: done after all, by {by}" in warnings


@pytest.mark.parametrize("left", [-1.0, 30.0])
def test_the_source_is_not_frozen_when_the_commit_would_be_too_late(
    world: World, execute: Execute, left: float
) -> None:
    deadline = world.clock.now() + 3000

    def late(step: str) -> None:
        if step == "freeze":
            world.clock.sleep(deadline - left - world.clock.now())

    result = execute("cutover", before=late, deadline=deadline)

    assert result.status == "FAILED"
    assert "no time is left for a window" in result.cause["reason"]
    assert f"freeze on {APP}" not in world.action_log


def test_a_run_does_not_commit_when_the_deploy_has_given_up(world: World, execute: Execute) -> None:
    """CloudFormation removes the target then, although the source would stay frozen for long enough."""
    deadline = world.clock.now() + 3000

    def late(step: str) -> None:
        if step == "commit":
            world.clock.alarms.clear()
            world.clock.sleep(deadline - world.clock.now())
            for attribute in ("lease_expires", "lock_expires"):
                world.dynamo.items["gogs"][attribute] = {"N": str(world.clock.now() + 900)}

    result = execute("cutover", before=late, deadline=deadline)

    assert result.status == "FAILED"
    assert "the deploy will have given up waiting for this run" in result.cause["reason"]
    assert world.runs.read().decision == "rollback"


def test_a_deploy_timeout_reports_what_the_run_waits_for(world: World, execute: Execute) -> None:
    world.responses["digest-files"] = lambda *_: None

    result = execute("cutover", deadline=world.clock.now() + 100)

    assert result.status == "FAILED"
    assert (
        "the deploy gives up soon, and it is still waiting for the digests of the files of source and target"
        in result.cause["reason"]
    )


def test_another_instance_cleans_up_when_the_acceptance_client_is_gone(world: World, execute: Execute) -> None:
    def gone(step: str) -> None:
        if step == "tidy" and TARGETS[0] in world.members_now:
            world.members_now.remove(TARGETS[0])

    result = execute("cutover", before=gone)

    assert result.status == "SUCCEEDED"
    assert f"tidy on {TARGETS[1]}" in world.action_log


def test_a_migrated_site_is_not_migrated_again(execute: Execute) -> None:
    execute("cutover")

    result = execute("cutover", "m2-cutover")

    assert "already moved by run m1-cutover" in result.cause["reason"]


def test_a_source_write_after_the_final_comparison_rolls_the_run_back(world: World, execute: Execute) -> None:
    # Given root on the source's database server, who writes while the target is being accepted
    asked: list[str] = []

    def prove(_instance: str, _options: Mapping[str, Any]) -> CommandResult:
        asked.append("prove-frozen")
        return (
            failing_response("issue was written to")("", {})
            if len(asked) > 1
            else CommandResult(ok=True, facts={"ok": True})
        )

    world.responses["prove-frozen"] = prove

    run = execute("cutover")

    assert len(asked) == 2
    assert run.status == "FAILED"
    assert "issue was written to" in str(run.cause)
    assert any(line.startswith("thaw on") for line in world.action_log)
    assert not any(line.startswith("forward on") for line in world.action_log)
