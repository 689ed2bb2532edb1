"""What clients may see of a run: a pause. An operation that fails is a problem, unless the fault explains it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from common.settings import Limits

from rehearsal.client.ledger import Operation
from rehearsal.client.refusals import CLEAR, SITE_ERROR
from tests.rehearsal.scenarios.scenario import Scenario

HOLD_SECONDS = Limits().freeze_hold
"""the bound of one request; limits.py does not change it"""
ROUNDING_SECONDS = 1.0
"""the source rounds the end of the hold up to a whole second, and a request that waits from the begin ends before"""


class Hold(NamedTuple):
    """Writes are held from the begin of a freeze to the end of the hold, in seconds since 1970."""

    began: float
    ended: float


def find_problems(scenario: Scenario, operations: Sequence[Operation], steps: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return one sentence for each kind of operation that failed and must not.

    An error of the site itself (refusals.py) is no problem, nor is a write that was refused clearly after the end of
    the hold.
    """
    if scenario.client_errors:
        return []
    # The steps may be of runs before the scenario too.
    since = min((one.sent for one in operations), default=0.0)
    holds = [hold for hold in read_holds(steps) if hold.began > since]
    failed = [one for one in operations if not one.acknowledged and one.refusal != SITE_ERROR]
    wrong = [one for one in failed if not _is_refused_after_hold(one, holds)]
    first = {one.kind: one for one in reversed(wrong)}
    counts = {kind: sum(one.kind == kind for one in wrong) for kind in first}
    return [
        f"{counts[kind]} of {kind} failed, the first at {one.sent:.3f}: {one.reason}" for kind, one in first.items()
    ]


def read_holds(steps: Iterable[Mapping[str, Any]]) -> list[Hold]:
    """Return the hold of each completed freeze, in the order of their begin."""
    return sorted(
        Hold(datetime.fromisoformat(str(one["began"])).timestamp(), float(one["facts"]["held_until"]))
        for one in steps
        if one.get("step") == "freeze" and one.get("outcome") == "done" and one["facts"].get("held_until")
    )


def _is_refused_after_hold(operation: Operation, holds: list[Hold]) -> bool:
    """Return whether a write was refused clearly, after its own bound or the end of the last hold that began before.

    Its own bound is the earlier one if the freeze was sent twice, because a repeated freeze moves the end of the hold.
    """
    if not operation.writes or operation.refusal not in CLEAR or not operation.answered:
        return False
    begun = [hold for hold in holds if hold.began < operation.answered]
    if not begun:
        return False
    has_waited = operation.answered - operation.sent >= HOLD_SECONDS
    return has_waited or operation.answered > begun[-1].ended - ROUNDING_SECONDS
