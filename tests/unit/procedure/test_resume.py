"""A run that fails before the freeze keeps its replica for the next run, which takes it over. Nothing is kept after a freeze."""

from __future__ import annotations

import pytest
from common.run import Kind
from procedure import evidence_names, plan
from procedure.registry import Registry
from procedure.step_functions import STEPS
from procedure.validities import TAKEN_OVER, VALIDITIES

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom, failing_response
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.resuming import KEPT, MINUTES, count_launches, get_suspension, read_facts, run
from tests.unit.procedure.safety import left_undone, not_finished
from tests.unit.procedure.world import World

NAMES = [step.name for step in plan.BEFORE_WINDOW]
BULK = NAMES.index("await-bulk")
AFTER_BULK = [step.name for step in plan.BEFORE_WINDOW[BULK + 1 :]] + ["freeze"]
BEFORE_END_OF_LAUNCH = [step.name for step in plan.BEFORE_WINDOW[1 : NAMES.index("launch") + 1]]


@pytest.mark.parametrize("step", AFTER_BULK)
def test_a_run_that_fails_before_the_freeze_keeps_its_replica(world: World, execute: Execute, step: str) -> None:
    # When a run fails after its replica has copied the files
    result = run(execute, "m1-c-1", fails_in=step)

    # Then everything is undone but the replica, and the failure says so
    assert (result.status, result.cause["reason"]) == ("FAILED", "it broke here")
    assert left_undone(world) == KEPT
    assert world.source.accepts_writes
    assert "cutover resume" in result.cause["kept"]
    assert "cutover clean-up" in result.cause["kept"]
    suspension = get_suspension(world)
    assert suspension.until - suspension.since == MINUTES * 60
    assert (suspension.run_id, suspension.checkpoint.instance_id) == ("m1-c-1", REPLICA)
    # The delta's access is gone as after every roll back
    assert [verb for _, verb, _ in world.sent.values() if verb in ("allow-delta", "deny-delta")][-1:] != ["allow-delta"]

    # And the next run takes it over, and migrates
    assert run(execute, "m1-c-2").status == "SUCCEEDED"
    assert count_launches(world) == 1
    assert not_finished(world) == []
    assert world.runs.read().suspended is None
    for taken in TAKEN_OVER:
        assert read_facts(world, "m1-c-2", taken)["taken_over_from"] == "m1-c-1"


@pytest.mark.parametrize("step", BEFORE_END_OF_LAUNCH)
def test_a_run_that_fails_earlier_keeps_nothing(world: World, execute: Execute, step: str) -> None:
    run(execute, "m1-c-1", fails_in=step)

    assert left_undone(world) == []
    assert world.runs.read().suspended is None


@pytest.mark.parametrize("step", [step.name for step in plan.WINDOW[1:]])
def test_a_run_that_fails_in_its_window_keeps_nothing(world: World, execute: Execute, step: str) -> None:
    result = run(execute, "m1-c-1", fails_in=step)

    assert left_undone(world) == []
    assert world.runs.read().suspended is None
    assert "kept" not in result.cause


def test_without_the_setting_nothing_is_kept(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify", registry_class=Registry)

    assert left_undone(world) == []


def test_a_run_that_somebody_has_stopped_keeps_nothing(world: World, execute: Execute) -> None:
    def stop(step: str) -> None:
        if step == "verify":
            world.runs.request_abort("m1-c-1", "stopped by the operator")

    run(execute, "m1-c-1", before=stop)

    assert left_undone(world) == []


def test_a_replica_that_has_stopped_is_removed(world: World, execute: Execute) -> None:
    def stop(step: str) -> None:
        if step == "verify":
            world.replica_state = "terminated"
            boom("the replica is gone")()

    run(execute, "m1-c-1", before=stop)

    assert left_undone(world) == []


def test_a_replica_that_does_not_return_its_logs_is_removed(world: World, execute: Execute) -> None:
    world.responses["collect-logs"] = failing_response("no disk")

    run(execute, "m1-c-1", fails_in="verify")

    assert left_undone(world) == []


def test_the_steps_after_the_bulk_copy_are_done_again(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="freeze")
    world.sent.clear()

    run(execute, "m1-c-2")

    verbs = {verb for _, verb, _ in world.sent.values()}
    assert verbs >= {"check", "accept", "allow-delta", "attend", "digest-database", "digest-files", "digest-program"}


def test_the_next_run_can_be_suspended_again(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    first = get_suspension(world)
    world.clock.sleep(600)

    run(execute, "m1-c-2", fails_in="verify-files")

    again = get_suspension(world)
    assert (again.run_id, again.checkpoint.launched_by) == ("m1-c-2", "m1-c-1")
    assert again.checkpoint.finished["await-bulk"] == first.checkpoint.finished["await-bulk"]
    assert again.until > first.until
    assert run(execute, "m1-c-3").status == "SUCCEEDED"
    assert count_launches(world) == 1


def test_a_run_that_fails_before_it_takes_over_leaves_the_replica_to_the_next_one(
    world: World, execute: Execute
) -> None:
    run(execute, "m1-c-1", fails_in="verify")

    run(execute, "m1-c-2", fails_in="preflight")

    assert get_suspension(world).run_id == "m1-c-1"
    assert left_undone(world) == KEPT
    assert run(execute, "m1-c-3").status == "SUCCEEDED"
    assert count_launches(world) == 1


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_each_step_before_the_window_has_a_validity(kind: Kind) -> None:
    steps = {step.name for step in (*plan.BEFORE_WINDOW, plan.AWAIT_GO)}

    assert set(VALIDITIES) == steps
    assert set(TAKEN_OVER) <= set(STEPS)
    assert evidence_names.format_evidence_name(kind, "take-over") == "02.5-take-over"
