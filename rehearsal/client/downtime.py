"""What the site's users felt: the longest time without an acknowledged write, and without a good read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from rehearsal.client.ledger import Operation


@dataclass(frozen=True)
class Gap:
    """The longest pause between two acknowledged operations, in seconds, and when it began (seconds since the epoch)."""

    seconds: float
    began: float


def longest_gap(operations: Iterable[Operation], *, writes: bool) -> Gap | None:
    """Measured from answer to answer, so the duration of one slow operation counts as downtime too.

    None when fewer than two such operations were acknowledged: nothing was measured, which is not the same as no gap.
    """
    answered = sorted(op.answered for op in operations if op.writes is writes and op.acknowledged and op.answered)
    pairs = list(pairwise(answered))
    if not pairs:
        return None
    began, ended = max(pairs, key=lambda pair: pair[1] - pair[0])
    return Gap(seconds=ended - began, began=began)
