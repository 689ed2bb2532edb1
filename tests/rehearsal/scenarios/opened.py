"""The world of the scenarios: made from nothing, or one that an earlier run has kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from rehearsal import supervise
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import PLAN, Job
from rehearsal.settings import MARK, Settings
from tests.rehearsal.scenarios.limits import write_limits
from tests.rehearsal.scenarios.stage import Stage

DEFAULT_PORT = "4816"


def job_in(home: str) -> Job:
    """On ports of its own, so that it runs beside a world of somebody at work. REHEARSAL_PORT names others."""
    port = os.environ.get("REHEARSAL_PORT", DEFAULT_PORT)
    settings = Settings.load({**os.environ, "REHEARSAL_PORT": port, "REHEARSAL_HOME": home})
    os.environ[MARK] = settings.mark  # what is started from here is found by `down`, should this process be killed
    return Job(settings, Progress([*PLAN]), Evidence())


@contextmanager
def replicated() -> Iterator[Job]:
    """A source that is replicated, under a client that writes. The world ends with the block, unless KEEP is set.

    Not in a folder of pytest's, which removes those of earlier sessions: a world that is kept serves many.
    """
    home = tempfile.mkdtemp(prefix="cutover-world-")
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
        if os.environ.get("KEEP"):
            port = f"REHEARSAL_PORT={job.settings.port}"
            end = f"{port} REHEARSAL_HOME={home} .venv/bin/python -m rehearsal down"
            print(f"kept: WORLD={home} {port} make scenarios ONLY=…; it ends with: {end}")
        else:
            supervise.down(job.settings, print)
            shutil.rmtree(home)


def again(home: str) -> Stage:
    """Of a world that was kept; it is set back before its first scenario."""
    job = job_in(home)
    job.writers = job.make_writers()
    stage = Stage(job)
    stage.used = True
    return stage


@contextmanager
def prepared() -> Iterator[Stage]:
    """The kept world that WORLD names, or one of its own."""
    if kept := os.environ.get("WORLD"):
        yield again(kept)
    else:
        with replicated() as job:
            yield Stage.prepared(job)
