"""Measure what users of the site noticed: pauses between successful operations, times in which reads failed, and the pace of the measurement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from rehearsal.client.ledger import Operation

WRITES_PER_SECOND = 5.0
PUSHES_PER_SECOND = 1.0


@dataclass(frozen=True)
class Gap:
    """The longest pause between two acknowledged operations, in seconds, and when it began (seconds since the epoch)."""

    seconds: float
    began: float


@dataclass(frozen=True)
class Outages:
    """Times from a read that failed to the next good one, in seconds. `lasting`: the last read had failed, so the end is not known."""

    failed: int
    total: float
    longest: float
    lasting: bool


@dataclass(frozen=True)
class Pace:
    """Writes that were tried in a second, whatever became of them. A slower client would see less, so `enough` belongs to every figure."""

    writes_per_second: float
    pushes_per_second: float
    enough: bool


def find_longest_gap(operations: Iterable[Operation], *, writes: bool) -> Gap | None:
    """Return the longest pause, from response to response, so that the duration of one slow operation counts as downtime too.

    None when fewer than two such operations were acknowledged: nothing was measured, which is not the same as no gap.
    """
    answered = sorted(op.answered for op in operations if op.writes is writes and op.acknowledged and op.answered)
    pairs = list(pairwise(answered))
    if not pairs:
        return None
    began, ended = max(pairs, key=lambda pair: pair[1] - pair[0])
    return Gap(seconds=ended - began, began=began)


def read_outages(operations: Iterable[Operation]) -> Outages | None:
    """Return the outages: from the moment a failing read was sent until the response of the next good read. None when nothing was read."""
    reads = sorted((op for op in operations if not op.writes), key=lambda op: op.sent)
    if not reads:
        return None
    lengths: list[float] = []
    began: float | None = None
    for read in reads:
        if not read.acknowledged:
            began = read.sent if began is None else began
        elif began is not None:
            lengths.append((read.answered or read.sent) - began)
            began = None
    if began is not None:
        lengths.append((reads[-1].answered or reads[-1].sent) - began)
    failed = sum(not read.acknowledged for read in reads)
    return Outages(failed=failed, total=sum(lengths), longest=max(lengths, default=0.0), lasting=began is not None)


def measure_pace(operations: Iterable[Operation]) -> Pace | None:
    """Return how many writes were tried in a second. None when fewer than two were."""
    writes = [op for op in operations if op.writes]
    if len(writes) < 2:
        return None
    seconds = max(op.answered or op.sent for op in writes) - min(op.sent for op in writes)
    if seconds <= 0:
        return None
    pushes = sum(op.kind.startswith("push") for op in writes)
    every, pushed = len(writes) / seconds, pushes / seconds
    return Pace(every, pushed, enough=every >= WRITES_PER_SECOND and pushed >= PUSHES_PER_SECOND)
