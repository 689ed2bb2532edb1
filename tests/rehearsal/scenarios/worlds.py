"""The world of the scenarios: a new one, or one that an earlier session kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from rehearsal import supervise
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import Job
from rehearsal.job.selection import select_job_type
from rehearsal.settings import MARK, Settings
from tests.rehearsal.scenarios.limits import LIMITS
from tests.rehearsal.scenarios.stage import Stage

DEFAULT_PORT = "4816"


def make_job(home: str) -> Job:
    """Return a job with its own ports, so that another world can run on this host.

    REHEARSAL_PORT selects others. REHEARSAL_SOURCE=existing: the site that others installed.
    """
    port = os.environ.get("REHEARSAL_PORT", DEFAULT_PORT)
    settings = Settings.load({**os.environ, "REHEARSAL_PORT": port, "REHEARSAL_HOME": home})
    job_type = select_job_type(settings)
    os.environ[MARK] = settings.mark  # if this process is killed, `down` finds its child processes by the mark
    plan = job_type.build_plan(settings, replication_alone=True)
    return job_type(settings, Progress(plan), Evidence())


@contextmanager
def replicated_world() -> Iterator[Job]:
    """Create a world with a replicated source and a client that writes. Remove it after the block, unless KEEP is set.

    The world is not in a temporary folder of pytest, because pytest removes the folders of earlier sessions.
    """
    home = tempfile.mkdtemp(prefix="cutover-world-")
    job = make_job(home)
    try:
        job.more_settings = LIMITS
        job.start_world()
        job.build_source()
        job.start_writing()
        job.replicate()
        yield job
    finally:
        job.stop_writing()
        if os.environ.get("KEEP"):
            port = f"REHEARSAL_PORT={job.settings.port}"
            end = f"{port} REHEARSAL_HOME={home} .venv/bin/python -m rehearsal down"
            print(f"kept: WORLD={home} {port} make scenarios ONLY=… (to remove it: {end})")
        else:
            supervise.stop_world(job.settings, print)
            shutil.rmtree(home)


def open_kept_world(home: str) -> Stage:
    """Open a world that an earlier session kept. The first scenario resets it."""
    job = make_job(home)
    job.writers = job.make_writers()
    stage = Stage(job)
    stage.needs_reset = True
    return stage


@contextmanager
def open_world() -> Iterator[Stage]:
    """Open the kept world that WORLD names, or create one."""
    if kept := os.environ.get("WORLD"):
        yield open_kept_world(kept)
    else:
        with replicated_world() as job:
            yield Stage.prepare(job)
