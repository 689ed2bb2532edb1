"""Jobs: one for each server, twenty at a time, and how they begin and end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.mgn.jobs import CONCURRENT_JOBS, Jobs, LaunchFailed, Progress
from rehearsal.aws.mgn.models import Job
from rehearsal.aws.mgn.state import State
from tests.waiting import wait_until


class Held:
    """The work of jobs that wait until they are let go."""

    def __init__(self) -> None:
        self.state, self.release = State(), threading.Event()
        self.jobs = Jobs(self.state)

    def start(self, *servers: str) -> Job:
        with self.state.lock:
            return self.jobs.start("START_TEST", servers, {}, self._work)

    def _work(self, progress: Progress) -> None:
        progress.log("SNAPSHOT_START", progress.job.participants[0].server_id)
        assert self.release.wait(20)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.release.set()
    made.jobs.end()


def test_a_job_is_pending_then_started_then_completed(held: Held) -> None:
    with held.state.lock:
        job = held.start("s-1")
        assert job.status == "PENDING"
    wait_until(lambda: job.status == "STARTED")
    assert job.ended is None
    held.release.set()
    wait_until(lambda: job.status == "COMPLETED")
    assert job.ended is not None
    assert [item.event for item in job.log] == ["JOB_START", "SNAPSHOT_START", "JOB_END"]


def test_a_server_in_a_job_is_a_conflict_whatever_else_is_asked(held: Held) -> None:
    first = held.start("s-1", "s-2")
    with pytest.raises(ApiError, match=f"s-2 is already in job {first.id}") as caught:
        held.start("s-3", "s-2")
    assert (caught.value.code, caught.value.status) == ("ConflictException", 409)


def test_the_twenty_first_job_exceeds_the_quota(held: Held) -> None:
    for number in range(CONCURRENT_JOBS):
        held.start(f"s-{number}")
    with pytest.raises(ApiError) as caught:
        held.start("s-last")
    assert (caught.value.code, caught.value.status) == ("ServiceQuotaExceededException", 402)
    assert caught.value.members["quotaCode"] == "L-FE2EBE17"
    assert caught.value.members["quotaValue"] == CONCURRENT_JOBS


def test_completed_jobs_do_not_count(held: Held) -> None:
    jobs = [held.start(f"s-{number}") for number in range(CONCURRENT_JOBS)]
    held.release.set()
    wait_until(lambda: all(job.status == "COMPLETED" for job in jobs))
    assert held.start("s-0").id not in {job.id for job in jobs}


def test_service_times_end_with_the_local_aws(held: Held) -> None:
    held.release.set()
    progress = Progress(held.state, held.start("s-1"), ended := threading.Event())
    ended.set()
    with pytest.raises(LaunchFailed, match="ends its jobs"):
        progress.pause(3600)
