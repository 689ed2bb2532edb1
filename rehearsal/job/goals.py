"""Compare the figures of a run with their aims. Times and pace only inform; what fails a run is in verdict.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.client.downtime import PUSHES_PER_SECOND, WRITES_PER_SECOND
from rehearsal.job.recovery_time import measure_recovery_seconds

WINDOW_SECONDS = 2.0
"""from the last write that the source acknowledged to the first that the target acknowledged"""
LONGEST_WRITE_SECONDS = 3.5
BACK_SECONDS = 3.0
"""from the failing step's report to the source taking writes again"""
BACK = "from the failure to the open source"


@dataclass(frozen=True)
class Goal:
    """A measured figure and its aim. `measured` is None when nothing was measured; the goal is then not met. Create one with `at_most` or `at_least`."""

    name: str
    measured: float | None
    aim: str
    unit: str
    met: bool

    @property
    def figure(self) -> str:
        """Return the figure with its unit."""
        return "not measured" if self.measured is None else f"{_format_number(self.measured)} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        """Return whether the goal was met, as text."""
        return "met" if self.met else "goal missed"

    def __str__(self) -> str:
        return f"{self.figure} (aim: {self.aim}), {self.verdict}"


def build_maximum_goal(name: str, measured: float | None, aim: float, unit: str) -> Goal:
    """Return a goal that is met when the figure is at most `aim`. `unit` may be empty."""
    text = f"at most {aim:g} {unit}".rstrip() if aim else "none"
    return Goal(name, measured, text, unit, measured is not None and measured <= aim)


def build_minimum_goal(name: str, measured: float | None, aim: float, unit: str) -> Goal:
    """Return a goal that is met when the figure is at least `aim`."""
    text = f"at least {aim:g} {unit}".rstrip()
    return Goal(name, measured, text, unit, measured is not None and measured >= aim)


def evaluate_goals(ledger: Mapping[str, Any], steps: list[dict[str, Any]]) -> list[Goal]:
    """Return the goals of one run.

    `ledger` is the result of its client's check (empty: there was none), `steps` are the procedure's records. A run that was
    rolled back has no window of a migration, but a recovery time.
    """
    back = measure_recovery_seconds(steps)
    found = [] if back is None else [build_maximum_goal(BACK, back, BACK_SECONDS, "s")]
    return [*found, *_evaluate_client_observations(ledger, migrated=back is None)] if ledger else found


def _evaluate_client_observations(ledger: Mapping[str, Any], *, migrated: bool) -> Iterator[Goal]:
    yield build_maximum_goal("failed operations", _read_figure(ledger, "pause", "failed_operations"), 0, "")
    if migrated:
        window = _read_figure(ledger, "pause", "window_seconds")
        yield build_maximum_goal("window", window, WINDOW_SECONDS, "s")
        longest = _read_figure(ledger, "pause", "longest_write_seconds")
        yield build_maximum_goal("longest write", longest, LONGEST_WRITE_SECONDS, "s")
    yield build_maximum_goal("read downtime", _read_figure(ledger, "read_downtime", "total"), 0, "s")
    yield build_maximum_goal("failed reads", _read_figure(ledger, "read_downtime", "failed"), 0, "")
    yield build_maximum_goal("unclear refusals", len(ledger["unclear"]), 0, "")
    yield build_minimum_goal(
        "writes tried", _read_figure(ledger, "pace", "writes_per_second"), WRITES_PER_SECOND, "a second"
    )
    yield build_minimum_goal(
        "pushes tried", _read_figure(ledger, "pace", "pushes_per_second"), PUSHES_PER_SECOND, "a second"
    )


def _read_figure(ledger: Mapping[str, Any], part: str, key: str) -> float | None:
    measured = (ledger.get(part) or {}).get(key)
    return None if measured is None else float(measured)


def _format_number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.2f}"
