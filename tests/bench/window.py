"""The time of each part of a migration, from the step records of any run's evidence.json. Only `text` reads the
file.

The *service time* of a step is the time of its work: the seconds that the machines reported (commands, checks,
copies, digests), and the whole time of a step that waits for a job of another service. The *overhead* is the rest of
the wall time: state machine, polls, delivery. A step without a reported time counts as overhead and is named. The
overhead is therefore never understated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rehearsal.errors import UsageError

JOBS = frozenset({"await-job", "await-image", "clean-up", "clean-up-test"})
"""steps that only wait for a job of the provider or of EC2: conversion, boots, copies of disks"""
OPENS, CLOSES = "freeze", "commit"
"""the first and the last step of the window"""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """`began` and `ended` in seconds since 1970. `service` is None if the record has no time."""

    name: str
    phase: str
    began: float
    ended: float
    service: float | None

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True)
class Account:
    """Seconds of one run or of one window.

    In `between` no step ran. `wall` is the union of the times of the steps plus `between`.
    """

    run_id: str
    wall: float
    phases: Mapping[str, float]
    between: float
    service: float
    unmeasured: Mapping[str, float]
    """the seconds of steps without a reported time; they are part of the overhead"""

    @property
    def overhead(self) -> float:
        return self.wall - self.service


def list_steps(records: Iterable[Record]) -> dict[str, list[Step]]:
    """Return the steps of each run in the order of their start. Other records, such as the run's outputs, are
    ignored.
    """
    runs: dict[str, list[Step]] = {}
    for record in records:
        if "step" in record:
            began, ended = (datetime.fromisoformat(str(record[key])).timestamp() for key in ("began", "ended"))
            name = str(record["step"])
            reported = ended - began if name in JOBS else read_service_seconds(record.get("facts") or {})
            # Of work that started before the step (a running copy) only the time of the step counts.
            bounded = None if reported is None else min(reported, ended - began)
            runs.setdefault(str(record["run_id"]), []).append(Step(name, str(record["phase"]), began, ended, bounded))
    return {run: sorted(found, key=lambda step: (step.began, step.ended)) for run, found in runs.items()}


def read_service_seconds(facts: Mapping[str, Any]) -> float | None:
    """Return the seconds that the machines reported.

    These are the time of the command, the sum of consecutive checks, or the longest of several parallel parts.
    """
    if "seconds" in facts:
        return float(facts["seconds"])
    checks = facts.get("checks")
    if isinstance(checks, list):
        return sum(float(check.get("seconds") or 0) for check in checks)
    parts = [
        read_service_seconds(part)
        for value in facts.values()
        if isinstance(value, Mapping)
        for part in (value, *_list_maps(value))
    ]
    return max((part for part in parts if part is not None), default=None)


def build_account(run_id: str, found: list[Step]) -> Account:
    """Return the account of these steps. Raises ValueError if there is no step."""
    began, ended = min(step.began for step in found), max(step.ended for step in found)
    phases: dict[str, float] = {}
    for step in found:
        phases[step.phase] = phases.get(step.phase, 0.0) + step.seconds
    return Account(
        run_id=run_id,
        wall=ended - began,
        phases=phases,
        between=ended - began - measure_covered((step.began, step.ended) for step in found),
        service=measure_covered((step.began, step.began + step.service) for step in found if step.service is not None),
        unmeasured={step.name: step.seconds for step in found if step.service is None},
    )


def select_window(found: list[Step]) -> list[Step]:
    """Return the steps from the freeze to the commit, or none for a run without a freeze or without a commit."""
    opens = [step.began for step in found if step.name == OPENS]
    closes = [step.ended for step in found if step.name == CLOSES]
    if not opens or not closes:
        return []
    return [step for step in found if min(opens) <= step.began and step.ended <= max(closes)]


def measure_covered(intervals: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of the intervals. Parallel steps count once."""
    total, reached = 0.0, float("-inf")
    for began, ended in sorted(intervals):
        total += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return total


def format_text(path: Path) -> str:
    """Return the account of every run in the file. Raises UsageError if it is no evidence of a run."""
    runs = _read_runs(path)
    parts = []
    for run_id, found in sorted(runs.items(), key=lambda run: run[1][0].began):
        parts.append(_format_table(build_account(run_id, found), f"run {run_id}"))
        if inside := select_window(found):
            parts.append(_format_table(build_account(run_id, inside), f"window of {run_id}, {OPENS} to {CLOSES}"))
    return "\n\n".join([str(path), *parts])


def _read_runs(path: Path) -> dict[str, list[Step]]:
    try:
        runs = list_steps(json.loads(path.read_text())["steps"])
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Give the evidence.json of a rehearsal.") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{path} is not the evidence of a run. Give the evidence.json of a rehearsal.") from None
    if not runs:
        raise UsageError(f"{path} has no record of a step. Give the evidence.json of a rehearsal that came to a run.")
    return runs


def _format_table(one: Account, title: str) -> str:
    rows = [*one.phases.items(), ("between steps", one.between)]
    lines = [title, *(f"  {name:32} {seconds:8.2f} s" for name, seconds in rows)]
    lines.append(f"  {'wall time':32} {one.wall:8.2f} s = service {one.service:.2f} s + overhead {one.overhead:.2f} s")
    if one.unmeasured:
        unmeasured = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in one.unmeasured.items())
        lines.append(
            f"  of the overhead {sum(one.unmeasured.values()):.2f} s are in steps without a reported service time: {unmeasured}"
        )
    return "\n".join(lines)


def _list_maps(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [inner for inner in value.values() if isinstance(inner, Mapping)]
