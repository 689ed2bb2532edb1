"""Keep a result for some seconds. Steps poll several times a second, and the API permits fewer calls than that."""

from __future__ import annotations

from typing import Generic, TypeVar

from common.clients.provider_events import SETTLING_SECONDS
from common.clock import Clock

T = TypeVar("T")
SHARE = 0.5
"""of the time since the first result: work that takes long is looked at seldom, and the end of short work is seen at once"""


class Recent(Generic[T]):
    """Results by key. The client keeps only those that say "not yet", so that nobody acts on an old one."""

    def __init__(
        self, clock: Clock, *, longest_seconds: float, shortest_seconds: float = 0.0, announced_seconds: float = 0.0
    ) -> None:
        """Keep results for `longest_seconds` at most, and for `announced_seconds` those whose end an event announces."""
        self._clock, self._announced_seconds = clock, announced_seconds
        self._shortest_seconds, self._longest_seconds = shortest_seconds, longest_seconds
        self._first: dict[str, float] = {}
        self._kept: dict[str, tuple[float, T]] = {}
        """by key: until when (epoch seconds), and the result"""
        self._cleared: dict[str, float] = {}

    def get(self, key: str) -> T | None:
        """Return the result of this key if it is recent."""
        until, value = self._kept.get(key, (0.0, None))
        return value if self._clock.now() < until else None

    def keep(self, key: str, value: T, *, announced: bool = False) -> T:
        """Keep the result of now, and return it. `announced`: an event is expected when it changes."""
        now = self._clock.now()
        age = now - self._first.setdefault(key, now)
        # After an event, its change can take a moment to be visible, and no second event announces it.
        settling = key in self._cleared and now < self._cleared[key] + SETTLING_SECONDS
        seconds = min(max(SHARE * age, self._shortest_seconds), self._longest_seconds)
        self._kept[key] = (now + (self._announced_seconds if announced and not settling else seconds), value)
        return value

    def clear(self) -> None:
        """Forget every result, because an event has announced a change of one of them."""
        self._cleared = dict.fromkeys(self._kept, self._clock.now())
        self._first.clear()
        self._kept.clear()
