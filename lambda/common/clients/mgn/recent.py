"""Keep a result for some seconds. Steps poll several times a second, and the API permits fewer calls than that."""

from __future__ import annotations

from typing import Generic, TypeVar

from common.clock import Clock

T = TypeVar("T")
SHARE = 0.5
"""of the time since the first result: work that takes long is looked at seldom, and the end of short work is seen at once"""


class Recent(Generic[T]):
    """Results by key. The client keeps only those that say "not yet", so that nobody acts on an old one."""

    def __init__(self, clock: Clock, *, longest_seconds: float) -> None:
        self._clock, self._longest_seconds = clock, longest_seconds
        self._first: dict[str, float] = {}
        self._kept: dict[str, tuple[float, T]] = {}

    def get(self, key: str) -> T | None:
        """Return the result of this key if it is recent."""
        if key not in self._kept:
            return None
        at, value = self._kept[key]
        age = self._clock.now() - at
        return value if age < min(SHARE * (at - self._first[key]), self._longest_seconds) else None

    def keep(self, key: str, value: T) -> T:
        """Keep the result of now, and return it."""
        now = self._clock.now()
        self._first.setdefault(key, now)
        self._kept[key] = (now, value)
        return value
