"""Predict how long the window would be if it began now. docs/decisions/0070 has the formula and the source of each term."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

WINDOW_TURNS = 9
"""turns of the state machine in the window, one for each of its steps"""
TURN_SECONDS = 0.5
"""time of a turn: a transition of Step Functions, an invocation, and the polls of its commands"""


@dataclass(frozen=True, kw_only=True)
class Measurements:
    """What was measured in this run. Seconds, rows, rows per second."""

    accept_seconds: float
    """activation and acceptance of the target on the scratch copy; in the window it is done on the live data"""
    lag_seconds: float
    """of the target's rows, as published last"""
    log_seconds: float
    """the read of the source's binary log since the comparison"""
    rows_to_digest: float
    rows_per_second: float
    """of the full comparison"""
    files_seconds: float
    """the digest of the files that changed since the comparison"""

    def to_json(self) -> dict[str, float]:
        """Return the terms for the evidence and the state."""
        return {name: round(float(value), 3) for name, value in asdict(self).items()}


def predict_window_seconds(measured: Measurements) -> float:
    """Return the predicted seconds from the freeze to the commit.

    Rows and files are handled side by side. The changed files are read twice: once to copy them, once to compare them.
    """
    rows = measured.lag_seconds + measured.log_seconds + measured.rows_to_digest / max(measured.rows_per_second, 1.0)
    files = 2 * measured.files_seconds
    return round(WINDOW_TURNS * TURN_SECONDS + measured.accept_seconds + max(rows, files), 1)


def count_rows_to_digest(rows: Mapping[str, int], written: Collection[str] | None, *, changes: int, large: int) -> int:
    """Return the rows that the window would digest: written tables as a whole, of large ones only the rows that were changed.

    `rows`: by label of the table. `written`: None, when the log does not name them: then every table is digested. `changes`: rows that were
    changed since the comparison, in all tables.
    """
    if written is None:
        return sum(rows.values())
    return sum(min(rows.get(name, 0), changes) if rows.get(name, 0) > large else rows.get(name, 0) for name in written)
