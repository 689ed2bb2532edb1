"""Dates in records: the form that both services return."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def format_date(moment: datetime) -> str:
    """Return a date in RFC 3339 with microseconds and +00:00: 2017-11-09T20:07:47.123456+00:00."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
