"""Time as a dependency, so that tests can control it."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time and sleep."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The clock of the system."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def format_iso(seconds: float) -> str:
    """Return a moment (epoch seconds) in ISO 8601, UTC, with milliseconds."""
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> float:
    """Return the epoch seconds of a moment that format_iso has written. Raises ValueError."""
    return datetime.fromisoformat(text).timestamp()
