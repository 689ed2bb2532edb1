"""Waits until nothing that was let in before a change of mode is still at work."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cutover_site.proxy.idle import QuietSessions

WRITES = "application_writes"
PAUSE = 0.05
QUIET = 2
"""A session is counted a moment after its request was let in: zero must be seen this often in a row."""


class Sessions(Protocol):
    def sessions(self, backend: str) -> int: ...

    def transferred(self, backend: str) -> dict[str, int]: ...

    def cut(self, backend: str) -> None: ...


@dataclass(frozen=True)
class Drained:
    seconds: float
    cut: int
    """sessions that had to be ended because they were still at work at the end of the time limit"""
    idle: int = 0
    """sessions of other ports than HTTP that were closed because no process worked for them"""


def drain(
    proxy: Sessions,
    limit: float,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
    *,
    tcp: Sequence[str],
    working_sessions: Callable[[], int],
    quiet: QuietSessions | None = None,
    before_each_look: Callable[[], None] = lambda: None,
) -> Drained:
    """No write is in flight afterwards. Waits `limit` seconds for them to end by themselves, then cuts them.

    `tcp`: backends of the ports that are not HTTP. `working_sessions` counts the processes that work for their sessions now (the git
    processes of SSH sessions). Nobody waits for a session without one: all of them are closed as soon as there is no such process
    and none of them is in its handshake. Closing is what makes it safe to wait no longer: a session that stayed open could begin
    to write (a push) later. (A kept-alive HTTP connection need not be
    closed: HAProxy reads the mode at each request, and counts a connection only while it has one.)

    `quiet` may have observed the sessions before the change of mode, so that an idle one is known at once.

    What `before_each_look` raises ends it. Raises TimeoutError when sessions survive being cut for 5 seconds.
    """
    began = clock()
    quiet = quiet or QuietSessions(clock)
    idle: set[str] = set()
    cut = zeros = 0
    while zeros < QUIET:
        before_each_look()
        left = {backend: proxy.sessions(backend) for backend in (WRITES, *tcp)}
        zeros = zeros + 1 if not any(left.values()) else 0
        open_ports = [backend for backend in tcp if left[backend]]
        if open_ports and quiet.are_idle(transferred := transferred_by(proxy, open_ports)) and not working_sessions():
            idle |= transferred.keys()
            for backend in open_ports:
                proxy.cut(backend)
        elif zeros == 0 and clock() - began >= limit:
            cut += sum(left.values()) if not cut else 0
            for backend, count in left.items():
                if count:
                    proxy.cut(backend)
        if zeros == 0 and clock() - began >= limit + 5:
            raise TimeoutError(f"sessions {left} cannot be ended")
        pause(PAUSE)  # the runtime API has no event for "a session ended"
    return Drained(seconds=clock() - began, cut=cut, idle=len(idle))


def transferred_by(proxy: Sessions, backends: Sequence[str]) -> dict[str, int]:
    """Return the bytes that each session of these backends has moved, by the session's name."""
    return {name: count for backend in backends for name, count in proxy.transferred(backend).items()}
