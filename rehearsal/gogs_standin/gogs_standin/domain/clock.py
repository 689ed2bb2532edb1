"""Provide times as the database and the API store them: whole seconds since 1970, and RFC 3339."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> int:
    """Return the seconds since 1970, rounded down."""
    return int(time.time())


def format_rfc3339(seconds: int | None) -> str:
    """Return the time in UTC as RFC 3339. None is 1970."""
    return datetime.fromtimestamp(seconds or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
