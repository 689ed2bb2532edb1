"""Format numbers and moments for the page. A value that is not known is shown as not known, never as zero."""

from __future__ import annotations

from datetime import UTC, datetime

NOT_KNOWN = "not known"


def format_seconds(seconds: float | None) -> str:
    """Return a duration: `0.42 s`, `12.3 s`, `4 min 05 s`, `1 h 02 min`."""
    if seconds is None:
        return NOT_KNOWN
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def format_count(count: int | None) -> str:
    """Return a number with separated thousands: `12,345`."""
    return NOT_KNOWN if count is None else f"{count:,}"


def format_moment(seconds: float | None) -> str:
    """Return a moment in UTC: `2026-11-30 12:00:01 UTC`."""
    return NOT_KNOWN if seconds is None else datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def format_clock(seconds: float | None) -> str:
    """Return the time of the day in UTC, with milliseconds: `12:00:01.234`."""
    if seconds is None:
        return NOT_KNOWN
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="milliseconds")[11:23]


def format_plural(count: int, noun: str) -> str:
    """Return the number with its noun: `1 row`, `2 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
