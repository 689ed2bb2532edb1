"""Where the time of a migration goes, from the step records of any run's evidence.json. Pure; `text` reads the file.

*Service time* of a step is what did the step's work: seconds that the machines told of themselves (commands, checks, copies, digests),
and the whole of a step that waits for another service's job. *Overhead* is the rest of the wall time: state machine, polls, delivery.
A step whose record tells no time counts as overhead and is named, so the overhead is never understated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

JOBS = frozenset({"await-job", "await-image", "clean-up", "clean-up-test"})
"""steps that do nothing but wait for a job of the provider or of EC2: its conversion, boots, copies of disks"""
OPENS, CLOSES = "freeze", "commit"
"""steps that the window begins and ends with"""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """`began`, `ended`: seconds since 1970. `service` None when the record tells none."""

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
    """Seconds of one run or of one window. `between`: no step was at work. `wall` = steps (the union of their times) + `between`."""

    run_id: str
    wall: float
    phases: Mapping[str, float]
    between: float
    service: float
    untold: Mapping[str, float]
    """steps without a told time: their whole seconds, part of the overhead"""

    @property
    def overhead(self) -> float:
        return self.wall - self.service


def steps(records: Iterable[Record]) -> dict[str, list[Step]]:
    """Run id -> its steps as they began. What is no step's record (the run's outputs) is left out."""
    runs: dict[str, list[Step]] = {}
    for record in records:
        if "step" in record:
            began, ended = (datetime.fromisoformat(str(record[key])).timestamp() for key in ("began", "ended"))
            name = str(record["step"])
            told = ended - began if name in JOBS else service(record.get("facts") or {})
            # Work that began before the step (a copy on its way) counts only as far as the step waited for it.
            bounded = None if told is None else min(told, ended - began)
            runs.setdefault(str(record["run_id"]), []).append(Step(name, str(record["phase"]), began, ended, bounded))
    return {run: sorted(found, key=lambda step: (step.began, step.ended)) for run, found in runs.items()}


def service(facts: Mapping[str, Any]) -> float | None:
    """Seconds that the machines told: of the command, of checks one after the other, or of the slowest of several at once."""
    if "seconds" in facts:
        return float(facts["seconds"])
    checks = facts.get("checks")
    if isinstance(checks, list):
        return sum(float(check.get("seconds") or 0) for check in checks)
    parts = [service(part) for value in facts.values() if isinstance(value, Mapping) for part in (value, *_maps(value))]
    return max((part for part in parts if part is not None), default=None)


def account(run_id: str, found: list[Step]) -> Account:
    """Raises ValueError when there is no step."""
    began, ended = min(step.began for step in found), max(step.ended for step in found)
    phases: dict[str, float] = {}
    for step in found:
        phases[step.phase] = phases.get(step.phase, 0.0) + step.seconds
    return Account(
        run_id=run_id,
        wall=ended - began,
        phases=phases,
        between=ended - began - covered((step.began, step.ended) for step in found),
        service=covered((step.began, step.began + step.service) for step in found if step.service is not None),
        untold={step.name: step.seconds for step in found if step.service is None},
    )


def window(found: list[Step]) -> list[Step]:
    """From the freeze to the commit; empty for a run that never froze or never committed."""
    opens = [step.began for step in found if step.name == OPENS]
    closes = [step.ended for step in found if step.name == CLOSES]
    if not opens or not closes:
        return []
    return [step for step in found if min(opens) <= step.began and step.ended <= max(closes)]


def covered(intervals: Iterable[tuple[float, float]]) -> float:
    """Length of the union: steps at the same time count once."""
    total, reached = 0.0, float("-inf")
    for began, ended in sorted(intervals):
        total += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return total


def text(path: Path) -> str:
    """The account of every run in the file. Raises ValueError when it holds no step's record: nothing was measured."""
    runs = steps(json.loads(path.read_text())["steps"])
    if not runs:
        raise ValueError(f"{path} holds no step's record")
    parts = []
    for run_id, found in sorted(runs.items(), key=lambda run: run[1][0].began):
        parts.append(_table(account(run_id, found), f"run {run_id}"))
        if inside := window(found):
            parts.append(_table(account(run_id, inside), f"window of {run_id}, {OPENS} to {CLOSES}"))
    return "\n\n".join([str(path), *parts])


def _table(one: Account, title: str) -> str:
    rows = [*one.phases.items(), ("between steps", one.between)]
    lines = [title, *(f"  {name:32} {seconds:8.2f} s" for name, seconds in rows)]
    lines.append(f"  {'wall time':32} {one.wall:8.2f} s = service {one.service:.2f} s + overhead {one.overhead:.2f} s")
    if one.untold:
        told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in one.untold.items())
        lines.append(
            f"  of the overhead {sum(one.untold.values()):.2f} s lie in steps that tell no service time: {told}"
        )
    return "\n".join(lines)


def _maps(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [inner for inner in value.values() if isinstance(inner, Mapping)]
