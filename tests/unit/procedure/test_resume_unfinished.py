"""A run that fails after its launch was accepted and before all files were copied: the next run goes on where that is certain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from common.clients.provider import Job, JobStatus
from common.errors import RetryableProviderError, StepFailed
from procedure import evidence_names
from procedure.validities import TAKEN_OVER

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.resuming import count_launches, expire, get_suspension, lose_response_once, run
from tests.unit.procedure.safety import left_undone, not_finished
from tests.unit.procedure.world import World

UNFINISHED = ("await-job", "await-bulk")
"""steps that a run may fail in after its launch and before the end of the copy"""
KEPT = ["a replica is left"]
JOB = "job-CUTOVER"


def read_facts(world: World, run_id: str, step: str) -> dict[str, Any]:
    facts: dict[str, Any] = world.create_evidence(run_id).read(evidence_names.format_evidence_name("cutover", step))[
        "facts"
    ]  # type: ignore[index]
    return facts


def list_continued(world: World) -> list[tuple[str, str]]:
    """Return the run and the launching run of each command that lets a replica go on."""
    sent = [
        options for _, verb, options in world.sent.values() if verb == "continue-launch" and not options.get("check")
    ]
    return [(options["run"], options["launched-by"]) for options in sent]


def expect_takeover(world: World, execute: Execute, run_id: str = "m1-c-2", **more: Any) -> None:
    """The next run takes over and migrates, without another launch."""
    result = run(execute, run_id, **more)
    assert result.status == "SUCCEEDED", result.cause
    assert count_launches(world) == 1
    assert not_finished(world) == []
    assert world.runs.read().suspended is None


def expect_new_launch(world: World, execute: Execute, reason: str) -> None:
    """The next run takes nothing over, launches its own replica, and migrates."""
    result = run(execute, "m1-c-2")
    assert result.status == "SUCCEEDED", result.cause
    assert count_launches(world) == 2
    assert reason in read_facts(world, "m1-c-2", "take-over")["taken_over"]
    assert not_finished(world) == []


def refuse_job(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Callable[[], None]:
    """The provider does not return jobs. The function that is returned ends that."""
    real, refused = world.read_job, [True]

    def read_job(job_id: str) -> Job:
        if refused[0]:
            raise error
        return real(job_id)

    monkeypatch.setattr(world, "read_job", read_job, raising=False)
    return lambda: refused.__setitem__(0, False)


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


def test_a_checkpoint_of_an_earlier_release_is_taken_over_as_a_whole(world: World, execute: Execute) -> None:
    """Its functions were replaced while it ran: its record does not name the steps that it has taken over."""
    run(execute, "m1-c-1", fails_in="verify")

    def forget(step: str) -> None:
        known = world.runs.read().finished
        if step == "launch" and known is not None:
            world.runs.save_checkpoint("m1-c-2", replace(known, taken_over=()))

    expect_takeover(world, execute, before=forget)
