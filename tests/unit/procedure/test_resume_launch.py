"""A run that fails while its launch runs at the provider: the next run waits for the launch, or launches again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from common.clients.provider import Job, JobStatus
from common.errors import RetryableProviderError, StepFailed

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.resuming import (
    UNFINISHED,
    count_launches,
    expect_new_launch,
    expect_takeover,
    expire,
    get_suspension,
    read_facts,
    run,
)
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import World


def refuse_job(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Callable[[], None]:
    """The provider does not return jobs. The function that is returned ends that."""
    real, refused = world.read_job, [True]

    def read_job(job_id: str) -> Job:
        if refused[0]:
            raise error
        return real(job_id)

    monkeypatch.setattr(world, "read_job", read_job, raising=False)
    return lambda: refused.__setitem__(0, False)


def test_an_outage_of_the_console_keeps_the_launch(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a console that accepts the launch, then does not respond, while the launch goes on there
    repair = refuse_job(world, monkeypatch, RetryableProviderError("no response"))
    failed = run(execute, "m1-c-1")
    assert (failed.cause["phase"], failed.cause["reason"]) == ("Launch", "no response")
    assert "warnings" not in failed.cause

    # When it responds again, and the launch still runs for a while
    repair()
    world.job_status = JobStatus.RUNNING
    polls: list[str] = []

    def end_launch(step: str) -> None:
        polls.append(step)
        if polls.count("await-job") == 3:
            world.job_status = JobStatus.COMPLETED

    # Then the next run waits for the same job
    expect_takeover(world, execute, before=end_launch)
    assert polls.count("await-job") >= 3


def test_a_launch_that_has_failed_at_the_provider_is_not_kept(world: World, execute: Execute) -> None:
    world.job_status = JobStatus.FAILED

    run(execute, "m1-c-1")

    assert left_undone(world) == []
    assert world.runs.read().suspended is None


def test_a_launch_that_fails_while_it_is_kept_is_done_again(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    world.job_status = JobStatus.FAILED

    def launch_works(step: str) -> None:
        if step == "accept-scratch":
            world.job_status = JobStatus.COMPLETED

    result = run(execute, "m1-c-2", before=launch_works)

    assert result.status == "SUCCEEDED", result.cause
    assert count_launches(world) == 2
    assert "its launch job job-CUTOVER failed" in read_facts(world, "m1-c-2", "take-over")["taken_over"]


def test_a_launch_without_a_replica_is_done_again(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    world.replica = ""

    expect_new_launch(world, execute, "EC2 has no replica of it")


def test_a_launch_whose_replica_has_ended_is_done_again(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    world.replica_state = "terminated"

    def new_one_runs(step: str) -> None:
        if step == "launch":
            world.replica_state = "running"

    assert run(execute, "m1-c-2", before=new_one_runs).status == "SUCCEEDED"
    assert count_launches(world) == 2


def test_a_job_that_the_provider_does_not_know_any_more_is_not_taken_over(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    repair = refuse_job(world, monkeypatch, StepFailed("there is no such job"))
    removals = world.remove_replica

    def remove(server_id: str) -> str:
        repair()
        return removals(server_id)

    monkeypatch.setattr(world, "remove_replica", remove, raising=False)

    expect_new_launch(world, execute, "there is no such job")


@pytest.mark.parametrize("step", UNFINISHED)
def test_another_launch_of_the_source_server_is_neither_used_nor_removed(
    world: World, execute: Execute, step: str
) -> None:
    """A person has launched the source server again, which replaces the replica."""
    run(execute, "m1-c-1", fails_in=step)
    world.last_launch, world.replica = "job-of-a-person", "i-launched-by-a-person"
    assert expire_later(world) == "REMOVED"
    assert world.replica == "i-launched-by-a-person"


def expire_later(world: World) -> str:
    world.clock.sleep(3600)
    return expire(world)


def test_the_next_run_leaves_another_launch_to_its_own_launch(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    world.last_launch, world.replica = "job-of-a-person", "i-launched-by-a-person"

    failed = run(execute, "m1-c-2", fails_in="accept-scratch")

    assert world.replica == "i-launched-by-a-person"
    assert world.runs.read().suspended is None
    assert "launched again" in failed.cause["warnings"][0]


def test_the_schedule_waits_for_a_launch_that_still_runs(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    world.job_status = JobStatus.RUNNING
    assert expire_later(world) == "RUNNING"
    assert get_suspension(world).checkpoint.instance_id == ""

    world.job_status = JobStatus.COMPLETED

    assert expire(world) == "REMOVED"
    assert left_undone(world) == []


def test_a_test_launch_waits_for_the_launch_and_removes_its_replica(world: World, execute: Execute) -> None:
    run(execute, "m1-c-1", fails_in="await-job")
    world.job_status = JobStatus.RUNNING
    polls: list[str] = []

    def end_launch(step: str) -> None:
        polls.append(step)
        if polls.count("take-over") == 3:
            world.job_status = JobStatus.COMPLETED

    assert execute("test-launch", run_id="m1-t-2", before=end_launch).status == "SUCCEEDED"
    assert world.runs.read().suspended is None
    assert world.action_log.index("clean up") < world.action_log.index("launch TEST")
