"""Times of the MGN API. They are strings: moments with `Z` or with an offset, durations in ISO 8601."""

from __future__ import annotations

import re
from datetime import datetime

DURATION = re.compile(
    r"P(?:(?P<days>\d+(?:\.\d+)?)D)?(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
SECONDS = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


def parse_moment(text: str | None) -> float | None:
    """Return epoch seconds, None for a moment that is absent."""
    return datetime.fromisoformat(text).timestamp() if text else None


def parse_duration_seconds(text: str | None) -> float | None:
    """Return the seconds of a duration (`P0D`, `PT16H20M38.697305S`), None when it is absent or has another form."""
    match = DURATION.fullmatch(text or "")
    if match is None or not text or not any(match.groupdict().values()):
        return None
    return sum(float(value) * SECONDS[unit] for unit, value in match.groupdict().items() if value)
