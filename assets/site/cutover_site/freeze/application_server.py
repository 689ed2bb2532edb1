"""The freeze on the application server: the proxy, requests in flight, the application's own processes, the freeze lease."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cutover_site.application import load_behavior
from cutover_site.aws import permission
from cutover_site.database import freeze as database_freeze
from cutover_site.database.connections import connect, read_source_application_login
from cutover_site.errors import Refused
from cutover_site.freeze import lease
from cutover_site.freeze.store import FreezeStore
from cutover_site.machine import Machine
from cutover_site.proxy.drain import drain, read_transferred_bytes
from cutover_site.proxy.forwarding import Address, render_configuration
from cutover_site.proxy.idle import IdleMonitor
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.reload import end_former_workers, reload_and_wait
from cutover_site.proxy.runtime import ProxyError, Runtime
from cutover_site.system import processes, systemd, textfiles

LOG = logging.getLogger(__name__)
READ_SECONDS = 20.0
"""how long reads in flight may take to end when the source begins to forward"""


def require_writable_database(machine: Machine) -> None:
    """Raise Refused while the source's database is read-only."""
    with connect(read_source_application_login(machine), timeout=10) as connection:
        if database_freeze.is_read_only(connection):
            raise Refused(
                "the source's database is still read-only",
                next_action="thaw the database server first, then this one",
            )


@dataclass
class ApplicationServer:
    """The source's application server, with its proxy and its freeze state."""

    machine: Machine
    require_writable_database: Callable[[Machine], None] = require_writable_database

    def __post_init__(self) -> None:
        self.layout = self.machine.layout
        self.runtime = Runtime(self.layout.proxy_socket)
        self.modes = ProxyModes(self.layout.proxy, self.runtime)
        self.store = FreezeStore(self.layout.freeze_file)
        self.behavior = load_behavior(self.layout.application)
        self.tcp_backends = [f"application_{port.name}" for port in self.layout.application.tcp]

    def stop_source_writes(self, run: str, lease_seconds: int, drain_seconds: float) -> dict[str, Any]:
        """Refuse new writes and end those in flight; reads go on. The freeze survives a restart of the machine.

        The lease is armed before the proxy refuses writes. So the site is never closed without a timer that opens it again.
        Raises Refused when the run is over, and when somebody thaws the machine meanwhile.
        """
        began = time.monotonic()
        monitor = IdleMonitor()
        with self.store.hold_lock():
            permission.require_undecided(self.machine.record, run)
            monitor.observe(read_transferred_bytes(self.runtime, self.tcp_backends))
            state = self.store.read().freeze(run, time.time() + lease_seconds)
            self.store.write(state)
            lease.arm(self.layout.root, state.lease_until)
            self.modes.switch("frozen")
        drained = drain(
            self.runtime,
            drain_seconds,
            tcp=self.tcp_backends,
            count_working_sessions=self._count_working_sessions,
            monitor=monitor,
            before_each_poll=lambda: self.store.read().require_frozen_by(run),
        )
        with self.store.hold_lock():  # after a thaw users write again, and their processes must not be ended
            self.store.read().require_frozen_by(run)
            ended = processes.end(lambda process: self.behavior.is_data_writer(process, self.layout))
            stopped = self.behavior.stop_background(self.machine, writers_ended=bool(ended))
        LOG.info("frozen by %s, drained in %.2f s", run, drained.seconds)
        return {
            "mode": "frozen",
            "lease_until": round(state.lease_until),
            "drain_seconds": round(drained.seconds, 3),
            "cut": drained.cut,
            "idle_sessions_closed": drained.idle,
            "processes_ended": ended,
            "background_stopped": stopped,
            "seconds": round(time.monotonic() - began, 3),
        }

    def renew_lease(self, run: str, lease_seconds: int) -> dict[str, Any]:
        """Let the lease end `lease_seconds` from now. Raises Refused when this run's freeze is not in force."""
        with self.store.hold_lock():
            state = self.store.read().renew(run, time.time() + lease_seconds)
            self.store.write(state)
            lease.arm(self.layout.root, state.lease_until)
        return {"lease_until": round(state.lease_until)}

    def resume_source_writes(self, run: str) -> dict[str, Any]:
        """Open for writes. Raises Refused while the database is read-only: a push would succeed and its row would be lost."""
        with self.store.hold_lock():
            before = self.store.read()
            after = before.thaw(run)
            if before.name == "open" and self.modes.read_stored() == "open":
                return {"mode": "open", "was": "open"}
            self.require_writable_database(self.machine)
            self.behavior.resume_background(self.machine)
            self.modes.switch("open")
            self.behavior.release_outbound(self.machine)
            self.store.write(after)
            lease.disarm(self.layout.root)
        return {"mode": "open", "was": before.name}

    def forward(self, run: str, http: Address, others: Mapping[str, Address]) -> dict[str, Any]:
        """Send all traffic to the target from now on. This cannot be undone.

        The mode is written to disk before the reload, because the new worker reads it there and must not read `frozen`. The former worker
        has no target in its configuration: it stays frozen and ends when its reads have ended.
        """
        with self.store.hold_lock():
            state = self.store.read().forward(run)
            textfiles.replace(self.modes.folder / "forward.cfg", render_configuration(http, others))
            self.store.write(state)
            self.modes.store("forward")
            reload_and_wait(self.runtime, lambda: systemd.reload("haproxy.service"))
            if (mode := self.modes.read_running()) != "forward":
                raise ProxyError(f"HAProxy is {mode} after it was set to forward")
            lease.disarm(self.layout.root)
            if ended := end_former_workers(self.runtime, READ_SECONDS):
                LOG.warning("HAProxy's workers %s had not ended after %.0f s", ended, READ_SECONDS)
            for unit in reversed(self.layout.application.units):
                systemd.stop(unit)
                systemd.disable(unit)
        addresses = {"http": http, **others}
        return {"mode": "forward", **{name: f"{address.host}:{address.port}" for name, address in addresses.items()}}

    def _count_working_sessions(self) -> int:
        return len(processes.find(lambda process: self.behavior.is_session_process(process, self.layout)))
