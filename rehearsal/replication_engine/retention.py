"""Select the points in time to keep, as published: one per ten minutes of the last hour, per hour of the last day, per day of 30."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

NEWEST = 3
"""These are kept whatever their age."""
STEPS = ((timedelta(hours=1), 600), (timedelta(days=1), 3600), (timedelta(days=30), 86400))
"""(up to this age, one per so many seconds)"""


def select_kept(points: Iterable[tuple[str, datetime]], now: datetime) -> set[str]:
    """Return the ids of the points to keep: the newest of each interval. `points`: (id, time) in any order."""
    newest_first = sorted(points, key=lambda point: point[1], reverse=True)
    keep = {id_ for id_, _ in newest_first[:NEWEST]}
    taken: set[tuple[int, int]] = set()
    for id_, moment in newest_first:
        step = next((seconds for age, seconds in STEPS if now - moment <= age), None)
        if step is None:
            continue
        interval = (step, int(moment.timestamp()) // step)
        if interval not in taken:
            taken.add(interval)
            keep.add(id_)
    return keep
