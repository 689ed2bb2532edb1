"""Detect idle TCP (SSH) sessions of the proxy: they are open, but no command runs in them and no handshake is in progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

IDLE_SECONDS = 1.0
"""a session that moves no byte for this long is not in its handshake, because a round trip is shorter"""
HANDSHAKE_SECONDS = 5.0
"""after this long no session is in its handshake, even if it sends bytes: those are keep-alive messages"""


class IdleMonitor:
    """Keeps when each session last moved a byte. A session's name may be any text; its bytes are those of both directions."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_moved: dict[str, tuple[int, float]] = {}
        self._first_seen: dict[str, float] = {}

    def observe(self, transferred: Mapping[str, int]) -> None:
        """Record the bytes of all sessions that are open now. Sessions that are not in `transferred` are forgotten."""
        now = self._clock()
        self._first_seen = {name: self._first_seen.get(name, now) for name in transferred}
        self._last_moved = {name: self._find_last_moved(name, count, now) for name, count in transferred.items()}

    def has_only_idle(self, transferred: Mapping[str, int]) -> bool:
        """Observe the sessions. Return whether none can be in its handshake; a session that was not seen before can be."""
        self.observe(transferred)
        now = self._clock()
        return all(
            now - moved_at >= IDLE_SECONDS or now - self._first_seen[name] >= HANDSHAKE_SECONDS
            for name, (_, moved_at) in self._last_moved.items()
        )

    def _find_last_moved(self, name: str, count: int, now: float) -> tuple[int, float]:
        before = self._last_moved.get(name)
        return before if before and before[0] == count else (count, now)
