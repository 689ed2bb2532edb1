"""The world of the scenarios: made from nothing, or one that an earlier run has kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rehearsal import supervise
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import PLAN, Job
from rehearsal.settings import MARK, Settings
from tests.rehearsal.scenarios.limits import write_limits
from tests.rehearsal.scenarios.stage import Stage

PORT = "4816"


def job_in(home: str) -> Job:
    """On ports of its own, so that it runs beside a world of somebody at work."""
    settings = Settings.load({**os.environ, "REHEARSAL_PORT": PORT, "REHEARSAL_HOME": home})
    os.environ[MARK] = settings.mark  # what is started from here is found by `down`, should this process be killed
    return Job(settings, Progress([*PLAN]), Evidence())


@contextmanager
def replicated(home: str) -> Iterator[Job]:
    """A source that is replicated, under a client that writes. The world ends with the block, unless KEEP is set."""
    job = job_in(home)
    try:
        job.up()
        write_limits(job.settings)
        job.build_source()
        job.start_writing()
        job.replicate()
        yield job
    finally:
        job.stop_writing()
        if not os.environ.get("KEEP"):
            supervise.down(job.settings, print)


def again(home: str) -> Stage:
    """Of a world that was kept; it is set back before its first scenario."""
    job = job_in(home)
    job.writers = job.make_writers()
    stage = Stage(job)
    stage.used = True
    return stage
