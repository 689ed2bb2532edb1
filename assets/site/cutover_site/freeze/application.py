"""The application server's part of the freeze: the proxy, what is in flight, the application's own processes, the dead man's lease."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover_site.application import load_behavior
from cutover_site.aws import permission
from cutover_site.database import freeze as database_freeze
from cutover_site.database.connections import connect, source_application
from cutover_site.errors import Refused
from cutover_site.freeze import lease
from cutover_site.freeze.store import FreezeStore
from cutover_site.machine import Machine
from cutover_site.proxy.drain import drain, transferred_by
from cutover_site.proxy.forwarding import Address, configuration
from cutover_site.proxy.idle import QuietSessions
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.reload import end_old, reload
from cutover_site.proxy.runtime import ProxyError, Runtime
from cutover_site.system import processes, systemd, textfiles

LOG = logging.getLogger(__name__)
READ_SECONDS = 20.0
"""what reads that are under way when the source begins to forward have to come to their end"""


@dataclass
class ApplicationServer:
    machine: Machine

    def __post_init__(self) -> None:
        self.layout = self.machine.layout
        self.runtime = Runtime(self.layout.proxy_socket)
        self.modes = ProxyModes(self.layout.proxy, self.runtime)
        self.store = FreezeStore(self.layout.freeze_file)
        self.behavior = load_behavior(self.layout.application)
        self.tcp_backends = [f"application_{port.name}" for port in self.layout.application.tcp]

    def freeze(self, run: str, seconds: int, drain_seconds: float) -> dict[str, Any]:
        """No write reaches the site any more, none is under way; reads go on. Stays so over a restart, until thawed. Raises Refused when it
        is thawed meanwhile, and when the run is over.

        The lease is armed before the proxy closes: there is no moment at which the site is closed and nothing would open it.
        """
        began = time.monotonic()
        quiet = QuietSessions()
        with self.store.locked():
            permission.ask(self.machine.record, run)
            quiet.observe(transferred_by(self.runtime, self.tcp_backends))
            state = self.store.read().freeze(run, time.time() + seconds)
            self.store.write(state)
            lease.arm(self.layout.root, state.lease_until)
            self.modes.switch("frozen")
        drained = drain(
            self.runtime,
            drain_seconds,
            tcp=self.tcp_backends,
            working_sessions=self._count_working_sessions,
            quiet=quiet,
            before_each_look=lambda: self.store.read().must_be_frozen_by(run),
        )
        with self.store.locked():  # users write again from a thaw on: what they do then is not to be ended
            self.store.read().must_be_frozen_by(run)
            ended = processes.end(lambda process: self.behavior.changes_data(process, self.layout))
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

    def renew(self, run: str, seconds: int) -> dict[str, Any]:
        with self.store.locked():
            state = self.store.read().renew(run, time.time() + seconds)
            self.store.write(state)
            lease.arm(self.layout.root, state.lease_until)
        return {"lease_until": round(state.lease_until)}

    def thaw(self, run: str) -> dict[str, Any]:
        """Open for writes. Raises Refused while the database is read-only: a push would succeed and its row would be lost."""
        with self.store.locked():
            before = self.store.read()
            after = before.thaw(run)
            if before.name == "open" and self.modes.stored() == "open":
                return {"mode": "open", "was": "open"}
            self._need_writable_database()
            self.behavior.resume_background(self.machine)
            self.modes.switch("open")
            self.behavior.release_outbound(self.machine)
            self.store.write(after)
            lease.disarm(self.layout.root)
        return {"mode": "open", "was": before.name}

    def forward(self, run: str, http: Address, others: Mapping[str, Address]) -> dict[str, Any]:
        """Everything that arrives here goes to the target. For ever: nothing thaws it again.

        The mode is on disk before the reload: the worker that it begins must not read `frozen` there. The one before knows no target, so
        it stays frozen and ends with the reads that it has.
        """
        with self.store.locked():
            state = self.store.read().forward(run)
            textfiles.replace(self.modes.folder / "forward.cfg", configuration(http, others))
            self.store.write(state)
            self.modes.store("forward")
            reload(self.runtime, lambda: systemd.reload("haproxy.service"))
            if (now := self.modes.running()) != "forward":
                raise ProxyError(f"HAProxy is {now} after it was told to forward")
            lease.disarm(self.layout.root)
            if cut := end_old(self.runtime, READ_SECONDS):
                LOG.warning("HAProxy's workers %s had not ended after %.0f s", cut, READ_SECONDS)
            for unit in reversed(self.layout.application.units):
                systemd.stop(unit)
                systemd.disable(unit)
        addresses = {"http": http, **others}
        return {"mode": "forward", **{name: f"{one.host}:{one.port}" for name, one in addresses.items()}}

    def _count_working_sessions(self) -> int:
        return len(processes.find(lambda process: self.behavior.serves_session(process, self.layout)))

    def _need_writable_database(self) -> None:
        with connect(source_application(self.machine), timeout=10) as connection:
            if database_freeze.is_read_only(connection):
                raise Refused(
                    "the source's database is still read-only",
                    next_action="thaw the database server first, then this one",
                )
