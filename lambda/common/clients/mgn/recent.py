"""Keep a result for some seconds. Steps poll several times a second, and the API permits fewer calls than that."""

from __future__ import annotations

from typing import Generic, TypeVar

from common.clock import Clock

T = TypeVar("T")


class Recent(Generic[T]):
    """Results by key. The client keeps only those that say "not yet", so that nobody acts on an old one."""

    def __init__(self, clock: Clock, *, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self._kept: dict[str, tuple[float, T]] = {}

    def get(self, key: str) -> T | None:
        """Return the result of this key if it is recent."""
        at, value = self._kept.get(key, (0.0, None))
        return value if self._clock.now() - at < self._seconds else None

    def keep(self, key: str, value: T) -> T:
        """Keep the result of now, and return it."""
        self._kept[key] = (self._clock.now(), value)
        return value
