"""The phases of a run with their times: elapsed, expected by the last run, and the limit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from common.clients.run_record import ROLLBACK, THAW, Record
from common.run import Kind
from common.settings import Limits
from procedure import plan
from procedure.step import Step

from operate.evidence import StepRecord

DONE, ACTIVE, FAILED, OPEN = "done", "now", "failed", ""
IN_WINDOW = frozenset(step.name for step in plan.WINDOW)
ROLLING_BACK = frozenset(
    step.name
    for step in (plan.DECIDE_ROLLBACK, *plan.TEST_LAUNCH_ROLLBACK, *plan.CUTOVER_ROLLBACK, plan.RELEASE, plan.CONCLUDE)
)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Steps that follow each other and have the same phase in messages."""

    name: str
    steps: tuple[str, ...]
    state: str
    """DONE, ACTIVE, FAILED or OPEN"""
    seconds: float | None
    """so far; None before it begins"""
    expected_seconds: float | None
    """that the last run of this kind took; None when there was none"""
    limit_seconds: int
    """of its steps together: after that the run rolls back"""
    in_window: bool


def list_steps(kind: str, *, has_gate: bool, names_elsewhere: bool) -> tuple[Step, ...]:
    """Return the steps of a run of this kind that succeeds."""
    if kind == "test-launch":
        return plan.TEST_LAUNCH
    before = plan.list_steps_before_window(has_gate=has_gate)
    return (*before, *plan.WINDOW, *plan.list_steps_after_commit(names_elsewhere=names_elsewhere))


def build_phases(
    steps: Sequence[Step],
    record: Record,
    done: Mapping[str, StepRecord],
    last: Mapping[str, StepRecord],
    limits: Limits,
    *,
    now: float,
) -> list[Phase]:
    """Return the phases in their order. `done`: evidence of this run; `last`: of the last run that succeeded."""
    active = record.phase if record.lock_expires else ""
    names = [step.name for step in steps]
    # The record of a step for which users wait is written when a later step waits.
    before = steps[: names.index(active)] if active in names else ()
    passed = {step.name for step in before if step.users_wait}
    since = max((one.ended for one in done.values()), default=record.started)
    return [
        _build_phase(list(group), active, done, passed, last, limits, max(0.0, now - since))
        for _, group in groupby(steps, key=lambda step: (step.phase, step.name in IN_WINDOW))
    ]


def _build_phase(
    steps: list[Step],
    active: str,
    done: Mapping[str, StepRecord],
    passed: Collection[str],
    last: Mapping[str, StepRecord],
    limits: Limits,
    waited: float,
) -> Phase:
    names = tuple(step.name for step in steps)
    seen = [done[name] for name in names if name in done]
    seconds = sum(one.seconds for one in seen) + (waited if active in names and active not in done else 0.0)
    known = [last[name].seconds for name in names if name in last]
    return Phase(
        name=steps[0].phase,
        steps=names,
        state=_find_state(names, active, done, passed),
        seconds=round(seconds, 1) if seen or active in names else None,
        expected_seconds=round(sum(known), 1) if len(known) == len(names) else None,
        limit_seconds=sum(int(getattr(limits, step.limit)) for step in steps),
        in_window=names[0] in IN_WINDOW,
    )


def _find_state(names: Sequence[str], active: str, done: Mapping[str, StepRecord], passed: Collection[str]) -> str:
    if any(done[name].outcome == "failed" for name in names if name in done):
        return FAILED
    if all(done[name].is_done if name in done else name in passed for name in names):
        return DONE
    return ACTIVE if active in names or any(name in done for name in names) else OPEN


def is_abandoned(record: Record, *, now: float) -> bool:
    """Return whether the lock of a run has run out: each of its steps would have renewed it."""
    return bool(record.lock_expires) and record.lock_expires <= now


def is_rolling_back(record: Record) -> bool:
    """Return whether the run rolls back."""
    return bool(record.lock_expires) and (record.decision in (ROLLBACK, THAW) or record.phase in ROLLING_BACK)


def read_window_seconds(record: Record, done: Mapping[str, StepRecord], limits: Limits, *, now: float) -> float | None:
    """Return how long writes are held, or were held until the commit; None when there is no window.

    The first step of the window has no evidence while it runs, and until a later step waits: the lease counts from the moment at which the freeze was sent.
    """
    freeze = done.get(plan.WINDOW[0].name)
    if freeze is not None:
        began = freeze.began
    elif record.lease_expires and record.phase in IN_WINDOW:
        began = record.lease_expires - limits.freeze_lease
    else:
        return None
    opened = done.get("rollback-source")
    ended = record.decided_at if record.committed else opened.ended if opened else now
    return round(max(0.0, ended - began), 1)


def get_kind(record: Record) -> Kind:
    """Return the kind of the run in the record."""
    return "test-launch" if record.kind == "test-launch" else "cutover"
