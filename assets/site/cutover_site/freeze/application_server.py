"""The freeze on the application server: the proxy, requests in flight, the application's own processes, the freeze lease."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cutover_site.application import load_behavior
from cutover_site.aws import permission
from cutover_site.aws.run_record import RunRecordUnreachable
from cutover_site.database import freeze as database_freeze
from cutover_site.database import managed_freeze
from cutover_site.database.connections import connect
from cutover_site.database.site_logins import read_source_application_login
from cutover_site.errors import Refused, SiteError
from cutover_site.freeze import lease
from cutover_site.freeze.attempts import AttemptLimits, stop_writes
from cutover_site.freeze.closing import ClosableSite
from cutover_site.freeze.store import FreezeStore, disarm_for_application
from cutover_site.machine import Machine
from cutover_site.proxy.hold import Hold, require_bounds
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import ProxyError, Runtime
from cutover_site.system import processes

LOG = logging.getLogger(__name__)


def require_writable_database(machine: Machine) -> None:
    """Raise Refused while the source's database is read-only."""
    with connect(read_source_application_login(machine), timeout=10) as connection:
        schemas = machine.layout.application.database.schemas
        is_managed = machine.config.has_managed_database
        if database_freeze.is_read_only(connection) or (is_managed and managed_freeze.list_closed(connection, schemas)):
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
        self.hold = Hold(self.layout.proxy, self.runtime)
        self.store = FreezeStore(self.layout.freeze_file)
        self.behavior = load_behavior(self.layout.application)
        self.tcp_backends = [f"application_{port.name}" for port in self.layout.application.tcp]

    def stop_source_writes(self, run: str, lease_seconds: int, limits: AttemptLimits) -> dict[str, Any]:
        """Hold new writes and wait for those in flight; reads go on. The freeze survives a restart of the machine.

        Writes that do not end in time are cut in the last attempt only (`cutover_site.freeze.attempts`).
        Raises Refused when the run is over, and when somebody thaws the machine meanwhile.
        """
        began = time.monotonic()
        require_bounds(limits.hold_seconds)
        permission.require_undecided(self.machine.record, run)
        site = ClosableSite(self, run, time.time() + lease_seconds, limits.hold_seconds)
        stopped = stop_writes(site, limits)
        with self.store.hold_lock():  # after a thaw users write again, and their processes must not be ended
            state = self.store.read()
            state.require_frozen_by(run)
            ended = processes.end(lambda process: self.behavior.is_data_writer(process, self.layout))
            background = self.behavior.stop_background(self.machine, writers_ended=bool(ended))
            reported = self._report_held(run)
        drained = stopped.drained
        LOG.info("frozen by %s in %d attempts, drained in %.2f s", run, len(stopped.attempts), drained.seconds)
        return {
            "mode": "frozen",
            "lease_until": round(state.lease_until),
            "attempts": [attempt.to_facts() for attempt in stopped.attempts],
            "opened_seconds": round(stopped.opened_seconds, 3),
            "held_until": math.ceil(site.held_until),
            "drain_seconds": round(drained.seconds, 3),
            **site.held.to_facts(),
            "cut": drained.cut,
            "idle_sessions_closed": stopped.idle,
            "processes_ended": ended,
            "background_stopped": background,
            "reported": reported,
            "seconds": round(time.monotonic() - began, 3),
        }

    def _report_held(self, run: str) -> bool:
        """Write to the run record that writes are held: commands on other machines wait for that. Return whether it is written.

        The procedure writes it when this machine cannot. It runs with the lock: after a thaw nothing is reported.
        """
        try:
            return self.machine.record.report_held(run)
        except (RunRecordUnreachable, SiteError) as error:
            LOG.warning("held writes are not reported: %s", error)
            return False

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
            held = self.count_held_facts()
            self.modes.switch("open")
            self.behavior.release_outbound(self.machine)
            self.store.write(after)
            disarm_for_application(self.layout)
        return {"mode": "open", "was": before.name, **held}

    def count_held_facts(self) -> dict[str, Any]:
        """Return what the proxy holds now, for the evidence of the command that releases it. A count that fails never delays the release."""
        try:
            return self.hold.count_held().to_facts()
        except ProxyError as error:
            return {"held": None, "held_unknown": error.reason}

    def count_working_sessions(self) -> int:
        """Return how many processes work for sessions of ports that are not HTTP."""
        return len(processes.find(lambda process: self.behavior.is_session_process(process, self.layout)))
