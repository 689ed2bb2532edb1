"""The world of the scenarios, from nothing to its stage, and its end."""

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


@contextmanager
def opened(home: str) -> Iterator[Stage]:
    """A world below the folder `home`, on ports of its own. It ends with the block, unless KEEP is set."""
    settings, job = _job(home)
    try:
        job.up()
        write_limits(settings)
        job.build_source()
        job.start_writing()
        job.replicate()
        yield Stage.prepared(settings, job)
    finally:
        job.stop_writing()
        if not os.environ.get("KEEP"):
            supervise.down(settings, print)


def again(home: str) -> Stage:
    """A world that was kept, to be set back before its first scenario."""
    settings, job = _job(home)
    job.writers = job.make_writers()
    stage = Stage(settings, job)
    stage.used = True
    return stage


def _job(home: str) -> tuple[Settings, Job]:
    settings = Settings.load({**os.environ, "REHEARSAL_PORT": PORT, "REHEARSAL_HOME": home})
    os.environ[MARK] = settings.mark  # what is started from here is found by `down`, should this process be killed
    return settings, Job(settings, Progress([*PLAN]), Evidence())
