"""Which of the proxy's SSH sessions only stand open: they have authenticated, or not even that, and ask for nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

IDLE_SECONDS = 1.0
"""A session that moves no byte for so long is not in its handshake (a round trip is shorter)."""
HANDSHAKE_SECONDS = 5.0
"""After that no session is in its handshake any more, whatever it sends: keep-alive messages move bytes too."""


class QuietSessions:
    """Remembers when each session last moved a byte. Sessions are named by any text, counted by bytes in both directions."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moved: dict[str, tuple[int, float]] = {}
        self._first_seen: dict[str, float] = {}

    def observe(self, transferred: Mapping[str, int]) -> None:
        """Sessions that are not there any more are forgotten."""
        now = self._clock()
        self._first_seen = {name: self._first_seen.get(name, now) for name in transferred}
        self._moved = {name: self._moved_at(name, count, now) for name, count in transferred.items()}

    def are_idle(self, transferred: Mapping[str, int]) -> bool:
        """Return whether no session is in its handshake. A session that was never seen before may be."""
        self.observe(transferred)
        now = self._clock()
        return all(
            now - moved >= IDLE_SECONDS or now - self._first_seen[name] >= HANDSHAKE_SECONDS
            for name, (_, moved) in self._moved.items()
        )

    def _moved_at(self, name: str, count: int, now: float) -> tuple[int, float]:
        before = self._moved.get(name)
        return before if before and before[0] == count else (count, now)
