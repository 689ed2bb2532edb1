"""Who may write what a suspended run keeps: lost responses, two runs, a late invocation, and the removal in the same moment."""

from __future__ import annotations

import pytest
from common.clients.run_record import ROLLBACK
from common.errors import RetryableServiceError

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.resuming import count_launches, get_suspension, lose_response_once, run
from tests.unit.procedure.safety import not_finished
from tests.unit.procedure.world import World


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
