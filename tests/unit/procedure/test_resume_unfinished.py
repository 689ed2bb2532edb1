"""A run that fails after its launch was accepted and before all files were copied: the next run goes on with its replica."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from procedure.validities import TAKEN_OVER

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.resuming import (
    KEPT,
    UNFINISHED,
    expect_new_launch,
    expect_takeover,
    get_suspension,
    list_continued,
    lose_response_once,
    read_facts,
    run,
)
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import World

JOB = "job-CUTOVER"


@pytest.mark.parametrize("step", UNFINISHED)
def test_the_next_run_takes_the_launch_over_and_copies_the_files(world: World, execute: Execute, step: str) -> None:
    failed = run(execute, "m1-c-1", fails_in=step)

    assert left_undone(world) == KEPT
    assert world.source.accepts_writes
    assert "cutover resume" in failed.cause["kept"]
    assert (REPLICA if step == "await-bulk" else f"launch job {JOB}") in failed.cause["kept"]
    expect_takeover(world, execute)
    finished = TAKEN_OVER[: TAKEN_OVER.index(step)]
    for name in TAKEN_OVER:
        facts = read_facts(world, "m1-c-2", name)
        assert facts.get("taken_over_from" if name in finished else "continued_from") == "m1-c-1", name
        assert ("continued_from" in facts) is (name not in finished), "a part of its work is of another run"
    assert list_continued(world) == [("m1-c-2", "m1-c-1")]


def test_a_complete_copy_is_not_asked_to_go_on(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="verify")

    expect_takeover(world, execute)

    assert list_continued(world) == []


@pytest.mark.parametrize("step", UNFINISHED)
def test_a_run_that_goes_on_can_fail_again(world: World, execute: Execute, step: str) -> None:
    run(execute, "m1-c-1", fails_in=step)
    run(execute, "m1-c-2", fails_in="accept-scratch")
    assert get_suspension(world).checkpoint.launched_by == "m1-c-1"

    run(execute, "m1-c-3", fails_in="verify")
    assert "await-bulk" in get_suspension(world).checkpoint.finished

    expect_takeover(world, execute, "m1-c-4")
    assert list_continued(world) == [("m1-c-3", "m1-c-1")]


def test_a_replica_that_reported_a_failure_is_not_kept(world: World, execute: Execute) -> None:
    """The cause is in the replica, so another run would fail as well."""
    world.reports_default = False

    def report(step: str) -> None:
        if step == "await-bulk":
            failed = [{"name": "files", "outcome": "fail", "reason": "no space left", "seconds": 1.0}]
            body = {**world.body(world.run), "outcome": "fail", "checks": failed}  # type: ignore[arg-type]
            world.runs.accept_report("m1-c-1", "CUTOVER", REPLICA, body)
            world.runs.update_facts("m1-c-1", received=body)

    result = run(execute, "m1-c-1", before=report)

    assert "no space left" in result.cause["reason"]
    assert left_undone(world) == []
    assert world.runs.read().suspended is None


def test_a_report_for_the_suspended_run_is_not_that_of_the_next_one(world: World, execute: Execute) -> None:
    """It arrives late, in the queue of the site. The replica must report for the run that has taken it over."""
    run(execute, "m1-c-1", fails_in="await-bulk")
    assert [message.body["run_id"] for message in world.messages] == ["m1-c-1"]

    expect_takeover(world, execute)

    assert read_facts(world, "m1-c-2", "await-bulk")["report"]["run_id"] == "m1-c-2"


def test_a_replica_without_a_report_is_kept_when_the_time_is_over(world: World, execute: Execute) -> None:
    world.reports_default = False
    failed = run(execute, "m1-c-1")
    assert "still waiting for a report" in failed.cause["reason"]
    assert left_undone(world) == KEPT

    world.reports_default = True
    expect_takeover(world, execute)


def test_a_replica_that_does_not_return_its_logs_yet_is_kept(world: World, execute: Execute) -> None:
    """Nothing has needed its Systems Manager so far."""
    world.unreachable = lambda instance, *_: instance == REPLICA

    run(execute, "m1-c-1", fails_in="await-bulk")

    assert left_undone(world) == KEPT
    world.unreachable = lambda *_: False
    expect_takeover(world, execute)


def test_a_replica_that_boots_is_waited_for(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    tries: list[str] = []

    def boots(instance: str, verb: str, _options: Any) -> bool:
        tries.append(verb)
        return instance == REPLICA and tries.count("continue-launch") < 20

    world.unreachable = boots
    began = world.clock.now()

    expect_takeover(world, execute)
    assert world.clock.now() - began > 18 * 20, (
        "each try is followed by a long poll: an execution has a limit of events"
    )


def test_a_replica_that_does_not_go_on_is_not_kept_again(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    world.responses["continue-launch"] = failing_response("unknown verb")

    failed = run(execute, "m1-c-2")

    assert "does not go on for this run: unknown verb" in failed.cause["reason"]
    assert left_undone(world) == []
    del world.responses["continue-launch"]
    assert run(execute, "m1-c-3").status == "SUCCEEDED"


def test_a_replica_that_would_refuse_to_go_on_is_removed(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-bulk")
    world.responses["continue-launch"] = failing_response("unknown verb")

    expect_new_launch(world, execute, "it does not work: unknown verb")


@pytest.mark.parametrize("fails_in", UNFINISHED)
@pytest.mark.parametrize("step", ["take-over", "launch", "await-job", "await-bulk", "rollback-replica"])
def test_a_lost_response_of_a_step_launches_and_removes_nothing_twice(
    world: World, execute: Execute, fails_in: str, step: str
) -> None:
    run(execute, "m1-c-1", fails_in=fails_in)
    crashed: list[str] = []
    second = run(execute, "m1-c-2", fails_in="verify", registry_class=lose_response_once(step, crashed))

    assert second.status == "FAILED"
    assert crashed == [step]
    assert get_suspension(world).run_id == "m1-c-2"
    expect_takeover(world, execute, "m1-c-3")


def test_a_checkpoint_of_an_earlier_release_is_taken_over_as_a_whole(world: World, execute: Execute) -> None:
    """Its functions were replaced while it ran: its record does not name the steps that it has taken over."""
    run(execute, "m1-c-1", fails_in="verify")

    def forget(step: str) -> None:
        known = world.runs.read().finished
        if step == "launch" and known is not None:
            world.runs.save_checkpoint("m1-c-2", replace(known, taken_over=()))

    expect_takeover(world, execute, before=forget)
