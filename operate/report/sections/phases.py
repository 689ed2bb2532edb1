"""The time of each step, against the time in an earlier run and the step's limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.settings import Limits
from procedure.plan import ALL, WINDOW

from operate.report.runs import Run, Step, find_earlier_seconds
from operate.report.sections.window import Window, find_window
from operate.report.source import RunSource

WINDOW_STEPS = frozenset(step.name for step in WINDOW)
FIRST_ROLLBACK = "decide-rollback"


@dataclass(frozen=True)
class Bar:
    """One step or phase. Times are seconds since 1970. `expected_seconds`: in an earlier run; `limit_seconds`: the step's limit. None: not known."""

    name: str
    label: str
    began: float
    ended: float
    expected_seconds: float | None
    limit_seconds: int | None
    outcome: str
    in_window: bool

    @property
    def seconds(self) -> float:
        """Return the wall time."""
        return self.ended - self.began


@dataclass(frozen=True)
class Phases:
    """`steps`: each step. `phases`: consecutive steps of one phase as one bar, the window as one. `window`: the steps of the window."""

    steps: Sequence[Bar]
    phases: Sequence[Bar]
    window: Sequence[Bar]


def build_phases(source: RunSource, run: Run) -> Phases:
    """Return the bars of the run."""
    window = find_window(run)
    expected = source.expected or find_earlier_seconds(source, run)
    steps = [
        _build_bar(step, expected, source.limits, in_window=window is not None and _is_in(step, window))
        for step in run.steps
    ]
    return Phases(steps, _merge(steps), [one for one in steps if one.in_window])


def _is_in(step: Step, window: Window) -> bool:
    """Return whether the step is one of the window, or of a roll back that began while the source was frozen."""
    began_in = window.begin <= step.began and (window.end is None or step.began < window.end)
    return step.name in WINDOW_STEPS or began_in


def _build_bar(step: Step, expected: Mapping[str, float], limits: Limits | None, *, in_window: bool) -> Bar:
    plan = ALL.get(step.name)
    limit = getattr(limits, plan.limit, None) if plan and limits else None
    return Bar(
        step.name,
        step.phase,
        step.began,
        step.ended,
        expected.get(step.name),
        limit,
        step.outcome,
        in_window,
    )


def _merge(steps: Sequence[Bar]) -> list[Bar]:
    """Return one bar for consecutive steps of one phase, and one for the steps of the window."""
    found: list[list[Bar]] = []
    for step in steps:
        if found and _get_group(found[-1][-1]) == _get_group(step):
            found[-1].append(step)
        else:
            found.append([step])
    return [_sum(group) for group in found]


def _get_group(step: Bar) -> str:
    if step.in_window:
        return "Window"
    return (
        "Roll back"
        if step.name.startswith("rollback-") or step.name in (FIRST_ROLLBACK, "collect-logs")
        else step.label
    )


def _sum(group: Sequence[Bar]) -> Bar:
    expected = [one.expected_seconds for one in group if one.expected_seconds is not None]
    outcomes = [one.outcome for one in group]
    return Bar(
        group[0].name,
        _get_group(group[0]),
        min(one.began for one in group),
        max(one.ended for one in group),
        sum(expected) if len(expected) == len(group) else None,
        None,
        next((one for one in outcomes if one != "done"), "done"),
        group[0].in_window,
    )
