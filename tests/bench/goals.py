"""The goals of a migration, measured in one run: two worlds one after the other, and in the first a migration that fails in its window.

Each world is a whole rehearsal: built, written to without a pause, migrated, compared, searched for secrets. The first one's service times are
zero, the second one's as published. The migration waits before it takes its lock for the moment of a checkpoint, in which nobody writes; the
first world is then set back to it, and a row is changed at the target when all was compared. The accounts stay in .rehearsal/goals/.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rehearsal import supervise
from rehearsal.errors import RehearsalError
from rehearsal.job.deploys import DeployFailed
from rehearsal.job.evidence import Evidence
from rehearsal.job.goals import BACK, BACK_SECONDS, WRITE_SECONDS, Goal, at_least, at_most
from rehearsal.job.progress import Progress
from rehearsal.job.recovery_time import measure_recovery_seconds
from rehearsal.job.rehearse import PLAN, ROOT, Job
from rehearsal.settings import MARK, Settings
from tests.bench import window
from tests.rehearsal.scenarios import outcome, scenario
from tests.rehearsal.scenarios.stage import Stage

PORT = "4832"
ZERO, PUBLISHED = "zero", "published"
FAILING = "row_differs_in_the_window"
RATIO = 1.1
KEPT = ROOT / ".rehearsal" / "goals"


@dataclass(frozen=True)
class Figures:
    """Seconds of one migration, None for what was not measured. Overhead: orchestration, as tests/bench/window.py counts it."""

    writes: float | None
    reads: float | None
    writes_per_second: float | None
    overhead: float
    window: float
    """of the window, freeze to commit: wall time"""
    window_overhead: float


@dataclass(frozen=True)
class Failed:
    """A migration that failed in its window. Seconds."""

    back: float | None
    reads: float | None


def bench() -> str:
    """A table. Raises RehearsalError when a migration did not end as it must: then its figures are worth nothing."""
    with _world(ZERO) as stage:
        zero, failed = _migrated(stage, ZERO), _failed(stage)
    with _world(PUBLISHED) as stage:
        published = _migrated(stage, PUBLISHED)
    return text(goals(zero, published, failed))


@contextmanager
def _world(latency: str) -> Iterator[Stage]:
    """With everything deployed and migrated, kept aside before its cutover. Not the scenarios' limits: they are too short for published times."""
    home = tempfile.mkdtemp(prefix="cutover-goals-")
    os.environ["REHEARSAL_LATENCY"] = latency
    settings = Settings.load({"REHEARSAL_PORT": PORT, **os.environ, "REHEARSAL_HOME": home})
    os.environ[MARK] = settings.mark  # what is started from here is found by `down`, should this process be killed
    job = Job(settings, Progress([*PLAN]), Evidence())
    try:
        job.up()
        job.build_source()
        job.start_writing()
        job.replicate()
        yield Stage.prepare(job)
    except (DeployFailed, RehearsalError) as error:
        if job.evidence.outcome == Evidence().outcome:  # it did not come to an end of its own
            job.record_failure(error)
            _keep(latency, job.evidence.text())
        raise
    finally:
        job.stop_writing()
        supervise.down(settings, print)
        shutil.rmtree(home)


def _migrated(stage: Stage, latency: str) -> Figures:
    job = stage.job
    job.go_on()
    job.look_up()
    job.compare()
    job.search_secrets()
    job.conclude()
    _keep(latency, job.evidence.text())
    if job.evidence.outcome != "migrated":
        raise RehearsalError(f"the migration with service times {latency}: {job.evidence.reason}")
    return figures(job.evidence)


def _failed(stage: Stage) -> Failed:
    stage.reset()
    case = scenario.load_case(FAILING)
    found = outcome.evaluate(stage, case.scenario, case.run(stage))
    steps, ledger = stage.read_steps(), stage.writers.check()
    _keep(FAILING, json.dumps({"steps": steps, "ledger": ledger}, indent=1, default=str))
    if found.problems:
        raise RehearsalError(f"the migration that must fail: {'; '.join(found.problems)}")
    return Failed(measure_recovery_seconds(steps), _of(ledger, "read_downtime", "total"))


def _keep(name: str, account: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(account)


def figures(evidence: Evidence) -> Figures:
    """Raises RehearsalError when no run of the account has a window."""
    for run, steps in window.steps(evidence.steps).items():
        if inside := window.window(steps):
            whole, part = window.account(run, steps), window.account(run, inside)
            return Figures(
                writes=_of(evidence.ledger, "write_downtime", "seconds"),
                reads=_of(evidence.ledger, "read_downtime", "total"),
                writes_per_second=_of(evidence.ledger, "pace", "writes_per_second"),
                overhead=whole.overhead,
                window=part.wall,
                window_overhead=part.overhead,
            )
    raise RehearsalError("no run of the account froze the source and committed")


def goals(zero: Figures, published: Figures, failed: Failed) -> list[Goal | str]:
    """In the order in which they are told; what has no aim is a line."""
    ratio = None if zero.writes is None or published.writes is None else published.writes / zero.writes
    told: list[Goal | str] = [
        at_most(f"write downtime, {ZERO}", zero.writes, WRITE_SECONDS, "s"),
        at_most(f"write downtime, {PUBLISHED}", published.writes, WRITE_SECONDS * RATIO, "s"),
        at_most(f"  as a multiple of {ZERO}'s", ratio, RATIO, "times"),
        at_most(f"read downtime, {ZERO}", zero.reads, 0, "s"),
        at_most(f"read downtime, {PUBLISHED}", published.reads, 0, "s"),
        at_most("read downtime, failing run", failed.reads, 0, "s"),
        at_most(BACK, failed.back, BACK_SECONDS, "s"),
    ]
    for name, one in ((ZERO, zero), (PUBLISHED, published)):
        told += [
            at_least(f"writes tried, {name}", one.writes_per_second, 5, "a second"),
            f"orchestration overhead, {name}: {one.window_overhead:.2f} s of the window's {one.window:.2f} s, {one.overhead:.2f} s of the whole run",
        ]
    return told


def text(told: list[Goal | str]) -> str:
    lines = [f"    {'goal':36} {'measured':>16}  {'aim':20}"]
    for one in told:
        if isinstance(one, Goal):
            lines.append(f"    {one.name:36} {one.figure:>16}  {one.aim:20} {'met' if one.met else 'MISSED'}")
        else:
            lines.append(f"    {one}")
    return "\n".join(lines)


def _of(ledger: dict[str, Any], part: str, key: str) -> float | None:
    measured = ledger.get(part)
    return None if measured is None else float(measured[key])
