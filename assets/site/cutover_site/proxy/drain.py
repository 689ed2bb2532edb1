"""Waits until nothing that was let in before a change of mode is still at work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

WRITERS = ("gogs_writes", "gogs_ssh")
PAUSE = 0.05
QUIET = 2
"""A session is counted a moment after its request was let in: zero must be seen this often in a row."""


class Sessions(Protocol):
    def sessions(self, backend: str) -> int: ...

    def cut(self, backend: str) -> None: ...


@dataclass(frozen=True)
class Drained:
    seconds: float
    cut: int
    """sessions that had to be ended because they were still at work at the end of the time limit"""


def drain(
    proxy: Sessions,
    limit: float,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
    *,
    before_each_look: Callable[[], None] = lambda: None,
) -> Drained:
    """No write is in flight afterwards. Waits `limit` seconds for them to end by themselves, then cuts them.

    What `before_each_look` raises ends it.
    """
    began = clock()
    cut = 0
    zeros = 0
    while zeros < QUIET:
        before_each_look()
        left = {backend: proxy.sessions(backend) for backend in WRITERS}
        zeros = zeros + 1 if not any(left.values()) else 0
        if zeros == 0 and clock() - began >= limit:
            cut += sum(left.values()) if not cut else 0
            for backend, count in left.items():
                if count:
                    proxy.cut(backend)
            if clock() - began >= limit + 5:
                raise TimeoutError(f"sessions {left} cannot be ended")
        pause(PAUSE)  # the runtime API has no event for "a session ended"
    return Drained(seconds=clock() - began, cut=cut)
