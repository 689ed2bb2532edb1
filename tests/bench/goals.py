"""The goals of a migration: two worlds one after the other, and in the first world a migration that fails in its
window.

Each world is a whole rehearsal: it is built, written to continuously, migrated, compared, and searched for secrets.
The first world has service times of zero, the second has the published ones. Before the migration locks the site, it
waits for a checkpoint, during which no client writes. The first world is then reset to the checkpoint, and a row
changes on the target after the full comparison. The accounts remain in .rehearsal/goals/.
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
from rehearsal.job.goals import BACK, BACK_SECONDS, WINDOW_SECONDS, Goal, build_maximum_goal, build_minimum_goal
from rehearsal.job.progress import Progress
from rehearsal.job.recovery_time import measure_recovery_seconds
from rehearsal.job.rehearse import ROOT, Job
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
    """Seconds of one migration; None means not measured. The overhead is the orchestration time of
    tests/bench/window.py.
    """

    writes: float | None
    reads: float | None
    writes_per_second: float | None
    overhead: float
    window: float
    """wall time of the window, from freeze to commit"""
    window_overhead: float


@dataclass(frozen=True)
class Failed:
    """A migration that failed in its window. Times in seconds."""

    back: float | None
    reads: float | None


def run_benchmark() -> str:
    """Return a table.

    Raises RehearsalError if a migration does not end as expected, because its figures would be meaningless.
    """
    with _world(ZERO) as stage:
        zero, failed = _measure_migration(stage, ZERO), _measure_failure(stage)
    with _world(PUBLISHED) as stage:
        published = _measure_migration(stage, PUBLISHED)
    return format_text(list_goals(zero, published, failed))


@contextmanager
def _world(latency: str) -> Iterator[Stage]:
    """Create a world with a migrated site and a checkpoint before its cutover.

    The limits of the scenarios do not apply, because they are too short for published service times.
    """
    home = tempfile.mkdtemp(prefix="cutover-goals-")
    os.environ["REHEARSAL_LATENCY"] = latency
    settings = Settings.load({"REHEARSAL_PORT": PORT, **os.environ, "REHEARSAL_HOME": home})
    os.environ[MARK] = settings.mark  # if this process is killed, `down` finds its child processes by the mark
    job = Job(settings, Progress(Job.build_plan(settings, replication_alone=True)), Evidence())
    try:
        job.start_world()
        job.build_source()
        job.start_writing()
        job.replicate()
        yield Stage.prepare(job)
    except (DeployFailed, RehearsalError) as error:
        if job.evidence.outcome == Evidence().outcome:  # the job has not ended by itself
            job.record_failure(error)
            _keep(latency, job.evidence.format_json())
        raise
    finally:
        job.stop_writing()
        supervise.stop_world(settings, print)
        shutil.rmtree(home)


def _measure_migration(stage: Stage, latency: str) -> Figures:
    job = stage.job
    job.require_writes()
    job.look_up()
    job.compare()
    job.search_secrets()
    job.conclude()
    _keep(latency, job.evidence.format_json())
    if job.evidence.outcome != "migrated":
        raise RehearsalError(f"the migration with service times {latency}: {job.evidence.reason}")
    return read_figures(job.evidence)


def _measure_failure(stage: Stage) -> Failed:
    stage.reset()
    case = scenario.load_case(FAILING)
    found = outcome.evaluate(stage, case.scenario, case.run(stage))
    steps, ledger = stage.read_steps(), stage.writers.check()
    _keep(FAILING, json.dumps({"steps": steps, "ledger": ledger}, indent=1, default=str))
    if found.problems:
        raise RehearsalError(f"the migration that must fail ended differently: {'; '.join(found.problems)}")
    return Failed(measure_recovery_seconds(steps), _read_figure(ledger, "read_downtime", "total"))


def _keep(name: str, account: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(account)


def read_figures(evidence: Evidence) -> Figures:
    """Return the figures of the run with a window. Raises RehearsalError if no run of the account has one."""
    for run, steps in window.list_steps(evidence.steps).items():
        if inside := window.select_window(steps):
            whole, part = window.build_account(run, steps), window.build_account(run, inside)
            return Figures(
                writes=_read_figure(evidence.ledger, "write_downtime", "seconds"),
                reads=_read_figure(evidence.ledger, "read_downtime", "total"),
                writes_per_second=_read_figure(evidence.ledger, "pace", "writes_per_second"),
                overhead=whole.overhead,
                window=part.wall,
                window_overhead=part.overhead,
            )
    raise RehearsalError("no run of the account froze the source and committed")


def list_goals(zero: Figures, published: Figures, failed: Failed) -> list[Goal | str]:
    """Return the goals in the order of the table. A figure without a goal is a line of text."""
    ratio = None if zero.writes is None or published.writes is None else published.writes / zero.writes
    entries: list[Goal | str] = [
        build_maximum_goal(f"window, {ZERO}", zero.writes, WINDOW_SECONDS, "s"),
        build_maximum_goal(f"window, {PUBLISHED}", published.writes, WINDOW_SECONDS * RATIO, "s"),
        build_maximum_goal(f"  as a multiple of {ZERO}'s", ratio, RATIO, "times"),
        build_maximum_goal(f"read downtime, {ZERO}", zero.reads, 0, "s"),
        build_maximum_goal(f"read downtime, {PUBLISHED}", published.reads, 0, "s"),
        build_maximum_goal("read downtime, failing run", failed.reads, 0, "s"),
        build_maximum_goal(BACK, failed.back, BACK_SECONDS, "s"),
    ]
    for name, one in ((ZERO, zero), (PUBLISHED, published)):
        entries += [
            build_minimum_goal(f"writes tried, {name}", one.writes_per_second, 5, "a second"),
            f"orchestration overhead, {name}: {one.window_overhead:.2f} s of the window's {one.window:.2f} s, {one.overhead:.2f} s of the whole run",
        ]
    return entries


def format_text(entries: list[Goal | str]) -> str:
    lines = [f"    {'goal':36} {'measured':>16}  {'aim':20}"]
    for one in entries:
        if isinstance(one, Goal):
            lines.append(f"    {one.name:36} {one.figure:>16}  {one.aim:20} {'met' if one.met else 'MISSED'}")
        else:
            lines.append(f"    {one}")
    return "\n".join(lines)


def _read_figure(ledger: dict[str, Any], part: str, key: str) -> float | None:
    measured = ledger.get(part)
    return None if measured is None else float(measured[key])
