"""Predict how long the window would be if it began now. docs/decisions/0077 has the formula and the source of each term."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

WINDOW_TURNS = 9
"""turns of the state machine in the window, one for each of its steps"""
FREEZE_SECONDS = 1.2
"""writes in flight end at the proxy, processes that write end, the database closes: nothing before the freeze measures it"""
START_SECONDS = 0.8
"""the application starts on a staged target: nothing before the freeze measures it, because the targets serve already"""
STOP_SECONDS = 0.3
"""the replication task ends, and the source's database is checked again"""
FIXED_SECONDS = FREEZE_SECONDS + START_SECONDS + STOP_SECONDS
"""as rehearsals on two cores took it (docs/decisions/0077). All other terms are measured in the run"""


@dataclass(frozen=True, kw_only=True)
class Measurements:
    """What was measured in this run. Seconds, rows, rows per second."""

    turn_seconds: float
    """from the end of a step to the begin of the next"""
    check_seconds: float
    """the longest check of the acceptance suite on the scratch copy: on the live data the checks run side by side"""
    lag_seconds: float
    """of the target's rows, as published last"""
    log_seconds: float
    """the read of the source's binary log since the comparison"""
    rows_to_digest: float
    rows_of_all_tables: float
    digest_seconds: float
    """the digest of all rows in the full comparison, on the slower side"""
    files_seconds: float
    """the digest of the files that changed since the comparison"""

    def to_json(self) -> dict[str, float]:
        """Return the terms for the evidence and the state, with the one that is not measured."""
        return {
            "fixed_seconds": FIXED_SECONDS,
            **{name: round(float(value), 3) for name, value in asdict(self).items()},
        }


def predict_window_seconds(measured: Measurements) -> float:
    """Return the predicted seconds from the freeze to the commit.

    First the rows catch up while the changed files are copied, then both are compared side by side. Each reads the changed files once.
    """
    catch_up = max(measured.lag_seconds + measured.log_seconds, measured.files_seconds)
    share = min(measured.rows_to_digest / max(measured.rows_of_all_tables, 1.0), 1.0)
    compare = max(measured.digest_seconds * share, measured.files_seconds)
    fixed = WINDOW_TURNS * measured.turn_seconds + FIXED_SECONDS
    return round(fixed + catch_up + compare + measured.check_seconds, 1)


def compute_turn_seconds(steps: Sequence[tuple[float, float]]) -> float:
    """Return the mean time between a step and the next. `steps`: begin and end of at least two consecutive steps, in their order."""
    gaps = [max(following[0] - step[1], 0.0) for step, following in pairwise(steps)]
    return sum(gaps) / len(gaps)


def count_rows_to_digest(rows: Mapping[str, int], written: Collection[str] | None, *, changes: int, large: int) -> int:
    """Return the rows that the window would digest: written tables as a whole, of large ones only the rows that were changed.

    `rows`: by label of the table. `written`: None, when the log does not name them: then every table is digested. `changes`: rows that were
    changed since the comparison, in all tables.
    """
    if written is None:
        return sum(rows.values())
    return sum(min(rows.get(name, 0), changes) if rows.get(name, 0) > large else rows.get(name, 0) for name in written)
