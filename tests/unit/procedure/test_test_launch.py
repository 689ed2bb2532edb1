"""The whole test launch, forward and back, against the deployed definition."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from common.clients.queue import SLICE_SECONDS
from common.clients.reports import Message
from procedure.step import Step

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.world import World


def test_a_test_launch_ends_with_an_image(world: World, execute: Execute) -> None:
    result = execute("test-launch")

    assert result.status == "SUCCEEDED"
    assert world.action_log == ["launch TEST", "clean up"]
    assert json.loads(world.files["runs/m1-test-launch/outputs.json"])["image_id"] == "ami-1"
    assert world.tags["cutover:run-id"] == "m1-test-launch"
    assert world.tags["cutover:launch"] == "TEST"


def test_a_failed_acceptance_fails_at_once_with_machine_and_reason(world: World, execute: Execute) -> None:
    world.reports_default = False
    failed = [{"name": "clone", "outcome": "fail", "reason": "HTTP 500"}]

    def report(step: str) -> None:
        if step == "await-report" and world.run is not None:
            world.messages.append(
                Message(receipt="r", body=world.body(world.run, outcome="fail", checks=failed, image_id=""))
            )

    began = world.clock.now()
    result = execute("test-launch", before=report)

    assert result.cause["phase"] == "Acceptance"
    assert result.cause["machine"] == "i-replica"
    assert result.cause["reason"] == "clone: HTTP 500"
    assert world.clock.now() - began < 60
    assert world.replica == ""


def test_a_missing_report_fails_the_run_after_a_time_limit(world: World, execute: Execute) -> None:
    world.reports_default = False

    result = execute("test-launch")

    assert result.cause["reason"].startswith("after 1200 s still waiting for a report of the launched machine")
    assert world.replica == ""


def test_a_stale_report_is_ignored(world: World, execute: Execute) -> None:
    world.messages.append(
        Message(receipt="old", body={"run_id": "m0", "launch": "TEST", "outcome": "fail", "instance_id": "i-old"})
    )

    assert execute("test-launch").status == "SUCCEEDED"
    assert world.messages == []


def test_a_report_of_another_instance_fails_the_run(world: World, execute: Execute) -> None:
    world.reports_default = False

    def report(step: str) -> None:
        if step == "await-report" and world.run is not None:
            world.messages.append(Message(receipt="r", body=world.body(world.run, instance_id="i-stranger")))

    result = execute("test-launch", before=report)

    assert "came from i-stranger, but the provider launched i-replica" in result.cause["reason"]


def test_a_report_without_checks_does_not_pass(world: World, execute: Execute) -> None:
    world.reports_default = False

    def report(step: str) -> None:
        if step == "await-report" and world.run is not None:
            world.messages.append(Message(receipt="r", body=world.body(world.run, checks=[])))

    assert "not checked is not passed" in execute("test-launch", before=report).cause["reason"]


def test_preflight_waits_for_the_initial_synchronisation_and_reports_it(world: World, execute: Execute) -> None:
    world.waiting = ("initial sync 40 %",)

    result = execute("test-launch")

    assert result.cause["phase"] == "Preflight"
    assert "after 2700 s still waiting for replication: gogs-app: initial sync 40 %" in result.cause["reason"]
    assert world.action_log == []


def test_preflight_waits_for_a_target_that_lags_behind(world: World, execute: Execute) -> None:
    world.lag_seconds = 300.0

    assert "the target is 300 s behind, at most 60 s are accepted" in execute("test-launch").cause["reason"]


def test_preflight_does_not_wait_for_problems_that_need_an_operator(world: World, execute: Execute) -> None:
    world.blocked = ("its replication is paused: start it",)
    began = world.clock.now()

    result = execute("test-launch")

    assert "paused" in result.cause["reason"]
    assert result.cause["next"] == f"correct it in {world.operator_tool}"
    assert world.clock.now() - began < 5


def test_a_broken_image_is_removed(world: World, execute: Execute) -> None:
    world.image_state = "failed"

    result = execute("test-launch")

    assert "image ami-1 is failed" in result.cause["reason"]
    assert world.action_log[-2:] == ["clean up", "delete image ami-1"]


class Alarm:
    """Calls `act` once, so many seconds from now."""

    def __init__(self, world: World, seconds: float, act: Callable[[], None]) -> None:
        self._at, self._act, self._has_rung = world.clock.now() + seconds, act, False

    def due(self, until: float) -> float | None:
        return None if self._has_rung or self._at > until else self._at

    def ring(self) -> None:
        self._has_rung = True
        self._act()


@pytest.mark.parametrize("seconds", [60.0, 63.7, 71.2])
def test_a_request_to_stop_the_run_is_noticed_soon_while_a_report_is_awaited(
    world: World, execute: Execute, seconds: float
) -> None:
    world.reports_default = False
    noticed: list[float] = []

    def ask() -> None:
        assert world.runs.request_abort("m1-test-launch", "the stack is being deleted")

    def observe(step: Step, outcome: str, _facts: object) -> None:
        if outcome == "failed":
            assert step.name == "await-report"
            noticed.append(world.clock.now())

    alarm = Alarm(world, seconds, ask)
    asked = world.clock.now() + seconds
    world.clock.alarms.append(alarm)
    result = execute("test-launch", observe=observe)

    assert result.cause["reason"] == "the stack is being deleted"
    assert noticed[0] - asked <= SLICE_SECONDS + 1.5  # and the pause of the state machine
    assert world.replica == ""
