"""The operations that a load client tried on the site during a run. docs/report.md defines the file: JSON Lines, one operation a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from common.errors import StepFailed


class Outcome(StrEnum):
    """How an operation ended, as its client saw it."""

    DONE = "done"
    FAILED = "failed"
    SITE_ERROR = "site-error"
    """the site itself returned an error, as it also does without a migration"""


@dataclass(frozen=True)
class Operation:
    """One operation. `start` and `end` are seconds since 1970; `held` is None when the client does not know it."""

    start: float
    end: float
    kind: str
    outcome: Outcome
    writes: bool
    held: bool | None = None
    reason: str = ""

    @property
    def seconds(self) -> float:
        """Return the time that the client waited."""
        return max(self.end - self.start, 0.0)


@dataclass(frozen=True)
class Summary:
    """The numbers of some operations. Times are seconds; None: nothing was measured."""

    name: str
    operations: int
    failed: int
    site_errors: int
    held: int | None
    median: float | None
    longest: float | None


def read_operations(path: Path) -> list[Operation]:
    """Return the operations of a file in the order of their start. StepFailed names the first line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StepFailed(
            f"the client's operations cannot be read: {error}", next_action="name a readable file with --client"
        ) from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(parse_operation(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise StepFailed(
                    f"{path}, line {number} is not an operation: {type(error).__name__}: {error}",
                    next_action="correct the line; docs/report.md has the format",
                ) from error
    return sorted(found, key=lambda one: one.start)


def parse_operation(raw: Mapping[str, Any]) -> Operation:
    """Return the operation of a line. Raises KeyError, ValueError or TypeError. Unknown keys are ignored."""
    raw = dict(raw)  # a line may be any JSON
    held = raw.get("held")
    start, end = float(raw["start"]), float(raw["end"])
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ValueError("start and end must be numbers")
    if held is not None and not isinstance(held, bool):
        raise TypeError("held must be true, false or null")
    if not isinstance(raw["writes"], bool):
        raise TypeError("writes must be true or false")
    return Operation(
        start=start,
        end=end,
        kind=str(raw["kind"]),
        outcome=Outcome(raw["outcome"]),
        writes=raw["writes"],
        held=held,
        reason=str(raw.get("reason") or ""),
    )


def summarize(name: str, operations: Iterable[Operation]) -> Summary:
    """Return the numbers of these operations. Median and longest are of those that were done."""
    every = list(operations)
    done = sorted(one.seconds for one in every if one.outcome is Outcome.DONE)
    known = any(one.held is not None for one in every)
    return Summary(
        name=name,
        operations=len(every),
        failed=sum(one.outcome is Outcome.FAILED for one in every),
        site_errors=sum(one.outcome is Outcome.SITE_ERROR for one in every),
        held=sum(one.held is True for one in every) if known else None,
        median=done[len(done) // 2] if done else None,
        longest=done[-1] if done else None,
    )


def summarize_kinds(operations: Sequence[Operation]) -> list[Summary]:
    """Return the numbers by kind of operation, in the order of the names."""
    return [summarize(kind, (one for one in operations if one.kind == kind)) for kind in sorted({one.kind for one in operations})]  # fmt: skip


def find_write_gap(operations: Iterable[Operation]) -> tuple[float, float] | None:
    """Return begin and end of the longest time without an acknowledged write, from response to response. None: fewer than two writes."""
    ends = sorted(one.end for one in operations if one.writes and one.outcome is Outcome.DONE)
    return max(pairwise(ends), key=lambda pair: pair[1] - pair[0], default=None)
