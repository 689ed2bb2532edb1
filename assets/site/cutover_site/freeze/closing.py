"""Close and open the source's application server for writes: the effects of the attempts (`cutover_site.freeze.attempts`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cutover_site.aws import permission
from cutover_site.freeze import lease
from cutover_site.freeze.store import FreezeStore
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.proxy.drain import WRITES_BACKEND, DrainResult, drain, read_transferred_bytes
from cutover_site.proxy.hold import Held, Hold, get_longer
from cutover_site.proxy.idle import IdleMonitor
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import Runtime


class ClosableServer(Protocol):
    """What the attempts need of the application server."""

    machine: Machine
    layout: Layout
    runtime: Runtime
    modes: ProxyModes
    store: FreezeStore
    hold: Hold
    tcp_backends: list[str]

    @property
    def require_writable_database(self) -> Callable[[Machine], None]:
        """Return the function that raises Refused while the source's database is read-only."""

    def count_working_sessions(self) -> int:
        """Return how many sessions of the application's own protocols work now."""


@dataclass
class ClosableSite:
    """The writes of one server, which one run stops. Between two attempts the proxy is open, and the freeze state stays `frozen`.

    So a thaw in a pause is seen by the next attempt, which is then refused, and the lease opens the site if this process ends.
    """

    server: ClosableServer
    run: str
    lease_until: float
    """the same for all attempts: the run record, which others read, counts from when the command was sent"""
    hold_seconds: float
    monitor: IdleMonitor = field(default_factory=IdleMonitor)
    held: Held = field(default_factory=Held)
    """the most that waited at a time, and the longest wait"""
    held_until: float = 0.0
    """the end of the last attempt's hold, in seconds since 1970. What still waits then is refused"""
    was_closed: bool = False

    def close(self) -> None:
        """Hold new writes. The lease is armed first, so the site is never closed without a timer that opens it again.

        Raises Refused when the run is over, and when somebody has resumed writes since the last attempt.
        """
        server = self.server
        with server.store.hold_lock():
            self._require_freeze()
            permission.require_undecided(server.machine.record, self.run)
            self.monitor.observe(read_transferred_bytes(server.runtime, server.tcp_backends))
            state = server.store.read().freeze(self.run, self.lease_until)
            server.store.write(state)
            lease.arm(server.layout.root, state.lease_until)
            self.held_until = time.time() + self.hold_seconds
            server.hold.set_bounds(self.held_until, self.hold_seconds)
            server.modes.switch("frozen")
            self.was_closed = True

    def open(self) -> None:
        """Let the held writes go on at the source. Raises Refused while the database is read-only, and after a thaw."""
        server = self.server
        with server.store.hold_lock():
            self._require_freeze()
            server.require_writable_database(server.machine)
            self._count_held()
            server.modes.switch("open")

    def drain(self, limit_seconds: float, *, cut: bool) -> DrainResult:
        """Wait until no write is in flight. With `cut`, end those that are left. Raises Refused after a thaw."""

        def check() -> None:
            self._require_freeze()
            self._count_held()

        return drain(
            self.server.runtime,
            limit_seconds,
            tcp=self.server.tcp_backends,
            count_working_sessions=self.server.count_working_sessions,
            monitor=self.monitor,
            before_each_poll=check,
            cut_rest=cut,
        )

    def list_old_writes(self, age_seconds: float) -> set[str]:
        """Return the writes that seem to be in flight for longer. A session of another port counts only while a process works for one.

        If none works, the sessions that are not known to be idle yet are returned too: an attempt can close idle ones at once, and would
        otherwise hold writes for the second in which it observes them.
        """
        server = self.server
        self._require_freeze()
        transferred = read_transferred_bytes(server.runtime, server.tcp_backends)
        are_idle = self.monitor.has_only_idle(transferred)
        is_working = bool(server.count_working_sessions())
        ages = server.runtime.list_sessions([WRITES_BACKEND, *(server.tcp_backends if is_working else [])])
        old = {name for name, age in ages.items() if age > age_seconds}
        return old if is_working or are_idle else old | transferred.keys()

    def _require_freeze(self) -> None:
        if self.was_closed:
            self.server.store.read().require_frozen_by(self.run)

    def _count_held(self) -> None:
        self.held = get_longer(self.held, self.server.hold.count_held())
