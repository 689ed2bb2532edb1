"""Measure how fast a run that failed with its source frozen recovered, from the procedure's own records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Record = Mapping[str, Any]


def find_failed_steps(records: Iterable[Record]) -> list[Record]:
    """Return the failed steps in the order in which they ended."""
    return sorted((one for one in records if one.get("outcome") == "failed"), key=lambda one: str(one["ended"]))


def measure_recovery_seconds(records: Iterable[Record]) -> float | None:
    """Return the seconds from the report of the step that failed first to the source taking writes again, the longest of all runs.

    None when no run opened its source again, or no record has the time of it.
    """
    kept = list(records)
    found = []
    for opened in kept:
        since = (opened.get("facts") or {}).get("open_since")
        failed = find_failed_steps(one for one in kept if one.get("run_id") == opened.get("run_id"))
        if since and failed:
            found.append((_parse_time(since) - _parse_time(failed[0]["ended"])).total_seconds())
    return max(found, default=None)


def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
