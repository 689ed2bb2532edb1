"""A cutover that fails before its commit, against the deployed definition: what is undone, in which order, and what is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.clients.provider import JobStatus
from common.errors import RetryableCommandError
from procedure import evidence_names, plan

from tests.unit.procedure.asl import FunctionError
from tests.unit.procedure.conftest import Execute, collect_warnings
from tests.unit.procedure.failures import boom, failing_response
from tests.unit.procedure.machines import APP, DATABASE, TARGETS
from tests.unit.procedure.world import World


@pytest.mark.parametrize("verb", ["check", "delta-key", "allow-delta", "digest-files", "digest-database"])
def test_a_failure_before_the_freeze_does_not_change_the_source(world: World, execute: Execute, verb: str) -> None:
    world.responses[verb] = failing_response("disk full")

    result = execute("cutover")

    assert result.status == "FAILED"
    assert result.cause["reason"] == "disk full"
    assert not any("freeze" in line or "thaw" in line or "dms" in line for line in world.action_log)
    assert world.rules == set()
    assert world.replica == ""
    assert world.runs.read().lock_expires == 0


CLOSE_AND_OPEN = ["revoke admission", f"thaw on {DATABASE}", f"thaw on {APP}"]
NOTHING_LEFT = [f"deny-delta on {APP}", "clean up"]
BACK_TO_COPY = ["mode scratch", *(f"activate on {target} scratch" for target in TARGETS)]
BEFORE_DRAIN = [*CLOSE_AND_OPEN, *BACK_TO_COPY, *NOTHING_LEFT]
AFTER_DRAIN = [*CLOSE_AND_OPEN, *BACK_TO_COPY, "dms resume-processing", *NOTHING_LEFT]
BACK = {
    "freeze": BEFORE_DRAIN,
    "freeze-database": BEFORE_DRAIN,
    "wait-marker": BEFORE_DRAIN,
    "delta": AFTER_DRAIN,
    "activate": AFTER_DRAIN,
}


@pytest.mark.parametrize("verb", BACK)
def test_a_failure_in_the_window_is_rolled_back_in_reverse_order(world: World, execute: Execute, verb: str) -> None:
    def no(_instance: str, options: Any) -> CommandResult:
        back = options.get("mode") == "scratch"
        return CommandResult(ok=back, facts={"ok": back, "reason": "it broke", "next": "repair it"})

    world.responses[verb] = no

    result = execute("cutover")

    assert result.status == "FAILED"
    assert result.cause["reason"] == "it broke"
    assert result.cause["next"] == "repair it"
    assert result.cause["machine"]
    undone = world.action_log[len(world.action_log) - len(BACK[verb]) :]
    assert undone == BACK[verb]
    assert world.mode_value == "scratch"
    assert world.task_status == "running"
    assert world.runs.read().decision == "rollback"


@pytest.mark.parametrize(
    "step", [name for name in plan.ALL if name in {s.name for s in (*plan.BEFORE_WINDOW, *plan.WINDOW)} - {"lock"}]
)
def test_a_crash_in_any_step_before_the_commit_leaves_the_source_serving(
    world: World, execute: Execute, step: str
) -> None:
    def crash(name: str) -> None:
        if name == step:
            boom("crashed")()

    result = execute("cutover", before=crash)

    assert result.status == "FAILED"
    assert result.cause["reason"] == "crashed"
    assert result.steps[-2:] == ["Conclude", "Failed"]
    assert world.runs.read().decision == "rollback"
    assert world.runs.read().lock_expires == 0
    assert (world.mode_value, world.task_status, world.rules, world.replica) == ("scratch", "running", set(), "")


def test_a_failed_rollback_step_does_not_stop_the_others(world: World, execute: Execute) -> None:
    world.responses["delta"] = failing_response("link down")
    world.responses["thaw"] = failing_response("machine gone")

    result = execute("cutover")

    assert result.cause["reason"] == "link down"
    assert any("machine gone" in warning for warning in result.cause["warnings"])
    assert world.action_log[-3:] == ["dms resume-processing", *NOTHING_LEFT]
    assert world.runs.read().lease_expires > 0, "nobody may take the site while its source may be frozen"


def _task_fails_before_the_marker_arrives(world: World) -> None:
    def never(*_: Any) -> None:
        if world.task_status == "running" and "dms resume-processing" not in world.action_log:
            world.task_status = "failed"

    world.responses["wait-marker"] = never


def test_a_task_that_fails_before_the_marker_arrives_fails_the_run_at_once(world: World, execute: Execute) -> None:
    _task_fails_before_the_marker_arrives(world)

    result = execute("cutover")

    assert "replication task rows is failed with the marker" in result.cause["reason"]
    assert f"thaw on {APP}" in world.action_log
    drain = json.loads(world.files["runs/m1-cutover/17-drain.json"])
    assert (drain["outcome"], drain["seconds"] < 5) == ("failed", True), "not at the limit"
    assert world.action_log[-3:] == ["dms resume-processing", *NOTHING_LEFT]


def test_a_task_stopped_by_someone_else_is_not_resumed(world: World, execute: Execute) -> None:
    def never(*_: Any) -> None:
        world.task_status = "stopped"

    world.responses["wait-marker"] = never

    result = execute("cutover")

    assert "replication task rows is stopped with the marker" in result.cause["reason"]
    assert result.cause["next"] == "somebody else has stopped the task: resume it, then deploy again"
    assert "dms resume-processing" not in world.action_log


def test_a_task_that_fails_again_is_left_to_the_operator(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    _task_fails_before_the_marker_arrives(world)
    monkeypatch.setattr(World, "start", lambda self, how: self.note(f"dms {how}"))

    result = execute("cutover")

    assert world.action_log.count("dms resume-processing") == 1
    assert any("failed again" in warning for warning in result.cause["warnings"])


def test_thaw_is_retried_while_the_source_database_restarts(world: World, execute: Execute) -> None:
    looks = iter(range(100))

    def starting(instance: str, _options: Any) -> CommandResult:
        ready = instance != DATABASE or next(looks) > 3
        return CommandResult(ok=ready, facts={"ok": ready, "reason": "cannot connect", "next": "look"})

    world.responses["delta"] = failing_response("link down")
    world.responses["thaw"] = starting

    result = execute("cutover")

    assert world.source.accepts_writes
    assert "warnings" not in result.cause


def test_an_abort_request_is_honoured_before_the_commit(world: World, execute: Execute) -> None:
    def abort(step: str) -> None:
        if step == "drain":
            world.runs.request_abort("m1-cutover", "the stack is being deleted")

    result = execute("cutover", before=abort)

    assert result.cause["reason"] == "the stack is being deleted"
    assert f"thaw on {APP}" in world.action_log


def test_a_failed_launch_job_is_reported_with_its_log(world: World, execute: Execute) -> None:
    world.job_status = JobStatus.FAILED

    result = execute("cutover")

    assert "No capacity" in result.cause["reason"]
    assert result.cause["machine"] == "gogs-app"


def test_an_undelivered_command_is_retried_and_then_fails(world: World, execute: Execute) -> None:
    def unreachable(_instance: str, _options: Any) -> CommandResult:
        raise RetryableCommandError("freeze did not reach the machine", machine=APP)

    world.responses["freeze"] = unreachable

    result = execute("cutover")

    assert result.cause["reason"] == "freeze did not reach the machine"
    assert world.action_log.count(f"freeze on {APP}") >= 3


def test_an_interrupted_run_is_rolled_back_by_a_separate_execution(world: World, execute: Execute) -> None:
    class Killed(Exception):
        """Somebody stopped the execution: no Catch runs."""

    def kill(step: str) -> None:
        if step == "delta":
            raise Killed

    with pytest.raises(Killed):
        execute("cutover", before=kill)

    result = execute("cutover", rollback=True)

    assert result.status == "FAILED"
    assert "stopped from outside" in result.cause["reason"]
    assert [f"thaw on {DATABASE}", f"thaw on {APP}"] == [line for line in world.action_log if line.startswith("thaw")]
    assert world.task_status == "running"


def test_the_first_failure_is_reported_when_the_rollback_cannot_be_decided(world: World, execute: Execute) -> None:
    # Given a delta that fails, and a function that crashes in the decision to roll back
    world.responses["delta"] = failing_response("the disk is full")

    def crash(step: str) -> None:
        if step == "decide-rollback":
            raise FunctionError("Runtime.ExitError", "signal: killed")

    result = execute("cutover", before=crash)

    # Then the user reads why the run failed, and that it was not rolled back besides
    assert result.status == "FAILED"
    assert (result.cause["phase"], result.cause["reason"]) == ("Delta", "the disk is full")
    (warning,) = result.cause["warnings"]
    assert warning.startswith("Roll back: Runtime.ExitError: signal: killed")


def test_an_interruption_is_reported_when_the_rollback_cannot_be_decided(world: World, execute: Execute) -> None:
    world.runs.acquire("m1-cutover", "cutover", seconds=900)

    def crash(step: str) -> None:
        if step == "decide-rollback":
            raise FunctionError("Runtime.ExitError", "signal: killed")

    result = execute("cutover", before=crash, rollback=True)

    assert "stopped from outside" in result.cause["reason"]
    assert result.cause["warnings"][0].startswith("Roll back: ")


def test_an_incomplete_rollback_is_not_a_warning_about_a_live_site(world: World, execute: Execute) -> None:
    # Given a run that fails, and whose rules cannot be taken back
    world.responses["delta"] = failing_response("the disk is full")
    reported: list[tuple[str, str]] = []

    def crash(step: str) -> None:
        if step == "rollback-admission":
            raise FunctionError("KeyError", "a defect")

    result = execute("cutover", before=crash, observe=collect_warnings(reported))

    assert result.status == "FAILED"
    assert result.cause["warnings"]
    assert reported == []


def test_an_aborted_run_records_the_step_at_which_it_stopped(world: World, execute: Execute) -> None:
    # Given an operator who stops a run while it drains
    def ask(step: str) -> None:
        if step == "delta":
            world.runs.request_abort("m1-cutover", "stopped by the operator")

    result = execute("cutover", before=ask)

    # Then its evidence says where and why it went back, and that it did
    assert result.cause["reason"] == "stopped by the operator"
    name = evidence_names.format_evidence_name("cutover", "delta")
    written = json.loads(world.files[f"runs/m1-cutover/{name}.json"])
    assert (written["outcome"], written["facts"]["reason"]) == ("failed", "stopped by the operator")
    thawed = json.loads(
        world.files[f"runs/m1-cutover/{evidence_names.format_evidence_name('cutover', 'rollback-source')}.json"]
    )
    assert thawed["facts"]["open_since"]
