"""Format what the published API returns: dates and identifiers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def format_date(moment: datetime) -> str:
    """Return a date in RFC 3339 with microseconds and +00:00: 2017-11-09T20:07:47.123456+00:00."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def new_id() -> str:
    """Return a new id."""
    return str(uuid.uuid4())
