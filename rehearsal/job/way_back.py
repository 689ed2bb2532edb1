"""How a run that failed with its source frozen came back, from the procedure's own records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Record = Mapping[str, Any]


def failed_steps(records: Iterable[Record]) -> list[Record]:
    """In the order in which they ended."""
    return sorted((one for one in records if one.get("outcome") == "failed"), key=lambda one: str(one["ended"]))


def way_back(records: Iterable[Record]) -> float | None:
    """Seconds from the report of the step that failed first to the source taking writes again, the longest of all runs.

    None when no run had to open its source, or nobody told when it was open.
    """
    kept = list(records)
    found = []
    for opened in kept:
        since = (opened.get("facts") or {}).get("open_since")
        failed = failed_steps(one for one in kept if one.get("run_id") == opened.get("run_id"))
        if since and failed:
            found.append((_moment(since) - _moment(failed[0]["ended"])).total_seconds())
    return max(found, default=None)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
