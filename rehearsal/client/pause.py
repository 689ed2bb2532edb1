"""Measure the pause that a migration is for the users of a site: what failed, and how long the longest write took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rehearsal.client.downtime import Gap
from rehearsal.client.ledger import Operation
from rehearsal.client.refusals import SITE_ERROR

HELD_SECONDS = 1.0
"""a write that takes longer than this around the end of the window was held: others take some tenths of a second"""


@dataclass(frozen=True)
class Pause:
    """The pause of one run. Times are seconds; None where nothing was measured.

    `failed_operations`: reads and writes that failed for a reason that is the migration's. An error 500 of the site itself is none
    (refusals.py). How many writes the proxy held is not known here: only the procedure's records show whether there was a freeze.
    `longest_write_seconds`: from the request to the response, over all acknowledged writes. `window_seconds`: the longest time
    without an acknowledged write. In a run that migrates this is the time from the last write that the source acknowledged to the
    first that the target acknowledged.
    """

    failed_operations: int
    longest_write_seconds: float | None
    window_seconds: float | None


def measure_pause(operations: Iterable[Operation], window: Gap | None) -> Pause:
    """Return the pause of a run. `window` is its longest time without an acknowledged write."""
    every = list(operations)
    done = [one.answered - one.sent for one in every if one.writes and one.acknowledged and one.answered]
    return Pause(
        failed_operations=sum(not one.acknowledged and one.refusal != SITE_ERROR for one in every),
        longest_write_seconds=max(done, default=None),
        window_seconds=window.seconds if window else None,
    )


def is_held(operation: Operation, window: Gap) -> bool:
    """Return whether an operation was acknowledged, was under way at the end of the window and took longer than HELD_SECONDS."""
    end, answered = window.began + window.seconds, operation.answered
    if not operation.acknowledged or not answered:
        return False
    return operation.sent < end <= answered and answered - operation.sent > HELD_SECONDS
