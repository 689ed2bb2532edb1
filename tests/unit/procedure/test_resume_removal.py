"""A replica that was kept and cannot be used is removed: by the next run, or by the schedule when its time is over."""

from __future__ import annotations

from typing import Any

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.resuming import MINUTES, OtherPlace, count_launches, expire, read_facts, run
from tests.unit.procedure.safety import left_undone, not_finished
from tests.unit.procedure.world import World


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
