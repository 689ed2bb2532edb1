"""Connection draining: wait until no request that was let in before a change of the proxy's mode is still in flight."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cutover_site.proxy.idle import IdleMonitor

WRITES_BACKEND = "application_writes"
POLL_INTERVAL_SECONDS = 0.03
ZERO_COUNTS_NEEDED = 2
"""HAProxy counts a session a moment after it let the request in, so the count must be zero this often in a row"""


class Sessions(Protocol):
    """The sessions of a running proxy."""

    def count_sessions(self, backend: str) -> int:
        """Return the number of sessions of a backend."""

    def read_transferred(self, backend: str) -> dict[str, int]:
        """Return the bytes that each session of a backend has moved, by the session's name."""

    def close_sessions(self, backend: str) -> None:
        """Close all sessions of a backend."""


@dataclass(frozen=True)
class DrainResult:
    """How long it took, and which sessions were closed."""

    seconds: float
    cut: int
    """sessions that still worked at the end of the time limit and were closed"""
    left: int = 0
    """sessions that still worked at the end of the time limit and were not closed"""
    idle: int = 0
    """sessions of other ports than HTTP that were closed because no process worked for them"""


def drain(
    proxy: Sessions,
    limit_seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    *,
    tcp: Sequence[str],
    count_working_sessions: Callable[[], int],
    monitor: IdleMonitor | None = None,
    before_each_poll: Callable[[], None] = lambda: None,
    cut_rest: bool = True,
) -> DrainResult:
    """Wait until no write is in flight. After `limit_seconds` the sessions that are left are closed, or with `cut_rest=False` counted only.

    `tcp`: backends of the ports that are not HTTP. `count_working_sessions` returns how many processes work for their sessions now (the git
    processes of SSH sessions). Sessions without such a process are not waited for: they are all closed as soon as there is no such process
    and no session is in its handshake. They must be closed, because a session that stays open could start to write (a push) later.
    An idle HTTP connection may stay open: HAProxy reads the mode at each request, and counts a connection only while it has a request.

    `monitor` may have observed the sessions before the change of mode. Then a session that was idle is closed at once.

    An exception of `before_each_poll` ends the wait. Raises TimeoutError when sessions are left 5 seconds after they were closed.
    """
    began = clock()
    monitor = monitor or IdleMonitor(clock)
    idle: set[str] = set()
    cut = zeros = 0
    while True:
        before_each_poll()
        left = {backend: proxy.count_sessions(backend) for backend in (WRITES_BACKEND, *tcp)}
        zeros = zeros + 1 if not any(left.values()) else 0
        if zeros == ZERO_COUNTS_NEEDED:
            return DrainResult(seconds=clock() - began, cut=cut, idle=len(idle))
        open_ports = [backend for backend in tcp if left[backend]]
        if (
            open_ports
            and monitor.has_only_idle(transferred := read_transferred_bytes(proxy, open_ports))
            and not count_working_sessions()
        ):
            idle |= transferred.keys()
            for backend in open_ports:
                proxy.close_sessions(backend)
        elif zeros == 0 and clock() - began >= limit_seconds:
            if not cut_rest:
                return DrainResult(seconds=clock() - began, cut=0, left=sum(left.values()), idle=len(idle))
            cut += sum(left.values()) if not cut else 0
            for backend, count in left.items():
                if count:
                    proxy.close_sessions(backend)
        if zeros == 0 and clock() - began >= limit_seconds + 5:
            raise TimeoutError(f"sessions {left} cannot be ended")
        sleep(POLL_INTERVAL_SECONDS)  # the runtime API has no event for the end of a session


def read_transferred_bytes(proxy: Sessions, backends: Sequence[str]) -> dict[str, int]:
    """Return the bytes that each session of these backends has moved, by the session's name."""
    return {name: count for backend in backends for name, count in proxy.read_transferred(backend).items()}
