"""A run that fails before the freeze keeps its replica for the next run, which takes it over or removes it. Nothing is kept after a freeze."""

from __future__ import annotations

from typing import Any

import pytest
from common.clients.run_record import ROLLBACK
from common.errors import RetryableServiceError
from common.run import Kind
from procedure import evidence_names, plan
from procedure.registry import STEPS, Registry
from procedure.validities import TAKEN_OVER, VALIDITIES

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom, failing_response
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.resuming import (
    MINUTES,
    OtherPlace,
    count_launches,
    expire,
    get_suspension,
    lose_response_once,
    run,
)
from tests.unit.procedure.safety import left_undone, not_finished
from tests.unit.procedure.world import World

NAMES = [step.name for step in plan.BEFORE_WINDOW]
BULK = NAMES.index("await-bulk")
AFTER_BULK = [step.name for step in plan.BEFORE_WINDOW[BULK + 1 :]] + ["freeze"]
BEFORE_END_OF_LAUNCH = [step.name for step in plan.BEFORE_WINDOW[1 : NAMES.index("launch") + 1]]
KEPT = ["a replica is left"]


def read_facts(world: World, run_id: str, step: str) -> dict[str, Any]:
    facts: dict[str, Any] = world.create_evidence(run_id).read(evidence_names.format_evidence_name("cutover", step))[
        "facts"
    ]  # type: ignore[index]
    return facts


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


def expect_removal(world: World, execute: Execute, reason: str, **more: Any) -> None:
    """The next run removes the replica, launches its own, and migrates."""
    assert run(execute, "m1-c-2", **more).status == "SUCCEEDED"
    assert count_launches(world) == 2
    assert (
        world.action_log.index("clean up")
        < [i for i, line in enumerate(world.action_log) if line == "launch CUTOVER"][1]
    )
    assert reason in read_facts(world, "m1-c-2", "take-over")["taken_over"]
    assert not_finished(world) == []


def test_a_replica_whose_time_is_over_is_removed_by_the_next_run(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    world.clock.sleep(MINUTES * 60)

    expect_removal(world, execute, "it was kept until")


def test_a_replica_of_other_settings_is_removed(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")

    expect_removal(world, execute, "have changed", registry_class=OtherPlace)


def test_a_replica_of_another_migration_is_removed(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify", cutover_id="m0")

    expect_removal(world, execute, "cutover_id m0")


def test_a_replica_that_does_not_respond_is_removed(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    world.unreachable = lambda instance, *_: instance == REPLICA and "clean up" not in world.action_log

    expect_removal(world, execute, "it does not respond")


def test_a_replica_that_was_terminated_is_not_taken_over(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    world.replica = ""

    assert run(execute, "m1-c-2").status == "SUCCEEDED"
    assert count_launches(world) == 2


def test_another_replica_of_the_server_is_not_removed_in_its_place(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    world.replica = "i-launched-by-a-person"

    run(execute, "m1-c-2", fails_in="accept-scratch")

    assert world.replica == "i-launched-by-a-person"
    assert world.runs.read().suspended is None


def test_a_test_launch_removes_the_replica(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")

    assert execute("test-launch", run_id="m1-t-2").status == "SUCCEEDED"
    assert world.runs.read().suspended is None


@pytest.mark.parametrize("step", ["take-over", "launch", "await-job", "await-bulk", "verify", "rollback-replica"])
def test_a_crash_after_the_writes_of_a_step_launches_and_removes_nothing_twice(
    world: World, execute: Execute, step: str
) -> None:
    """The step has done its work, its response is lost, and the state machine repeats it with the state from before."""
    run(execute, "m1-c-1", fails_in="verify")
    crashed: list[str] = []
    fails_in = "sync-auto-increment" if step == "rollback-replica" else ""
    result = run(execute, "m1-c-2", fails_in=fails_in, registry_class=lose_response_once(step, crashed))

    assert crashed == [step]
    assert count_launches(world) == 1
    if fails_in:
        assert get_suspension(world).run_id == "m1-c-2"
        result = run(execute, "m1-c-3")
    assert result.status == "SUCCEEDED"
    assert not_finished(world) == []


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_lost_response_of_the_record_changes_nothing(world: World, execute: Execute, lost: int) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    begun = False

    def lose(step: str) -> None:
        nonlocal begun
        if step == "take-over" and not begun:
            begun = True
            world.dynamo.lose_responses = lost

    assert run(execute, "m1-c-2", before=lose).status == "SUCCEEDED"
    assert count_launches(world) == 1
    assert not_finished(world) == []


def test_the_schedule_removes_a_replica_whose_time_is_over(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    assert expire(world) == "KEPT"

    world.clock.sleep(MINUTES * 60)

    assert expire(world) == "REMOVED"
    assert left_undone(world) == []
    assert expire(world) == "NOTHING"
    assert run(execute, "m1-c-2").status == "SUCCEEDED"


def test_the_schedule_leaves_the_replica_to_a_run_that_holds_the_site(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    world.clock.sleep(MINUTES * 60 - 1)
    removals: list[str] = []

    def look(step: str) -> None:
        if step == "take-over":  # the run has begun in time, and time passes in its preflight
            world.clock.sleep(2)
        if step in ("take-over", "accept-scratch", "verify"):
            removals.append(expire(world))

    assert run(execute, "m1-c-2", before=look).status == "SUCCEEDED"
    assert set(removals) <= {"HELD", "NOTHING"}
    assert not_finished(world) == []


def test_a_run_waits_for_a_removal_that_has_been_claimed(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    assert world.runs.claim_removal(get_suspension(world))

    with pytest.raises(RetryableServiceError, match="is being removed"):
        world.runs.acquire("m1-c-2", "cutover", seconds=900)


def test_the_end_of_a_removal_does_not_touch_a_replica_that_was_taken_over(world: World, execute: Execute) -> None:
    # Given a removal that was claimed and then stood still until its claim had ended
    run(execute, "m1-c-1", fails_in="verify")
    late = get_suspension(world)
    assert world.runs.claim_removal(late)
    world.clock.sleep(121)

    # When a run takes the replica over meanwhile
    def end(step: str) -> None:
        if step == "verify":
            world.runs.end_removal(late, is_gone=True)

    result = run(execute, "m1-c-2", before=end)

    # Then it keeps it
    assert result.status == "SUCCEEDED"
    assert count_launches(world) == 1


def test_two_runs_cannot_take_the_same_replica_over(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    suspension = get_suspension(world)
    world.runs.acquire("m1-c-2", "cutover", seconds=60)
    assert world.runs.take_over("m1-c-2", suspension, suspension.checkpoint)
    world.clock.sleep(61)

    world.runs.acquire("m1-c-3", "cutover", seconds=60)

    assert not world.runs.take_over("m1-c-3", suspension, suspension.checkpoint)
    assert not world.runs.take_over("m1-c-2", suspension, suspension.checkpoint)
    assert not world.runs.claim_removal(suspension)


def test_an_invocation_that_ends_late_saves_no_checkpoint_after_the_freeze(world: World, execute: Execute) -> None:
    """The retry of its step has gone on. A checkpoint of a run that may have frozen would keep a replica that the window used."""
    run(execute, "m1-c-1", fails_in="verify")
    checkpoint = get_suspension(world).checkpoint
    world.runs.acquire("m1-c-2", "cutover", seconds=900)
    world.runs.write_freeze_lease("m1-c-2", expires=world.clock.now() + 600)

    assert not world.runs.save_checkpoint("m1-c-2", checkpoint)


def test_no_run_is_suspended_that_may_have_frozen(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")
    suspension = get_suspension(world)
    world.runs.acquire("m1-c-2", "cutover", seconds=900)
    assert world.runs.take_over("m1-c-2", suspension, suspension.checkpoint)
    world.runs.write_freeze_lease("m1-c-2", expires=world.clock.now() + 600)
    assert world.runs.roll_back("m1-c-2").decision == ROLLBACK
    world.runs.update_facts("m1-c-2", lease_expires=0.0)  # the source is open again

    assert not world.runs.suspend("m1-c-2", suspension)


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_each_step_before_the_window_has_a_validity(kind: Kind) -> None:
    steps = {step.name for step in (*plan.BEFORE_WINDOW, plan.AWAIT_GO)}

    assert set(VALIDITIES) == steps
    assert set(TAKEN_OVER) <= set(STEPS)
    assert evidence_names.format_evidence_name(kind, "take-over") == "02.5-take-over"
