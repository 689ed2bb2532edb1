"""What the lease's timer runs on a frozen machine: decide (application server) or follow (database server), then open or stay."""

from __future__ import annotations

import logging
import time
from typing import Any

from cutover_site.aws import permission
from cutover_site.aws.run_record import Unreachable
from cutover_site.database import freeze as database_freeze
from cutover_site.database.connections import connect_as_root
from cutover_site.errors import Refused, SiteError
from cutover_site.freeze import lease
from cutover_site.freeze.application import ApplicationServer
from cutover_site.freeze.dead_man import verdict
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)


class StillFrozen(SiteError):
    """Nobody knows what was decided, so the machine stays as it is. The unit tries again."""


def application(machine: Machine) -> dict[str, Any]:
    """Thaws when the lease has ended and the run record lets it: the decision is made by a conditional write *before* the site opens.

    Raises StillFrozen when the record cannot be reached.
    """
    server = ApplicationServer(machine)
    state = server.store.read()
    if not state.expired(time.time()):
        return {"action": "nothing", "state": state.name}
    try:
        found = verdict(state, machine.record.decide_thaw(state.run))
    except (Unreachable, SiteError) as error:
        raise StillFrozen(
            f"the lease of run {state.run} has ended, but the run record cannot be asked: {error}; staying frozen"
        ) from error
    LOG.warning("the lease of run %s has ended: %s, %s", state.run, found.action, found.reason)
    if found.action == "thaw":
        server.thaw(state.run)
    return {"action": found.action, "reason": found.reason}


def database(machine: Machine) -> dict[str, Any]:
    """Opens the database when the run record says that its run will not be committed. It never decides by itself."""
    store = FreezeStore(machine.layout.freeze_file)
    state = store.read()
    if state.name != "frozen":
        return {"action": "nothing", "state": state.name}
    try:
        found = verdict(state, machine.record.read())
    except (Unreachable, SiteError) as error:
        raise StillFrozen(
            f"frozen by run {state.run}, and the run record cannot be read: {error}; staying read-only"
        ) from error
    LOG.info("frozen by run %s: %s, %s", state.run, found.action, found.reason)
    if found.action == "thaw":
        thaw_database(machine, state.run)
    return {"action": found.action, "reason": found.reason}


def freeze_database(machine: Machine, run: str) -> dict[str, Any]:
    """Raises Refused when the run is over, or has frozen this database before."""
    store = FreezeStore(machine.layout.freeze_file)
    with store.locked():
        permission.ask(machine.record, run)
        with connect_as_root(machine.layout) as connection:
            before = store.read()
            if before.name == "open" and database_freeze.has_marker(connection, run):
                raise Refused(
                    f"run {run} has frozen and thawed this database before: its marker proves nothing any more",
                    next_action="start a new run",
                )
            store.write(before.freeze(run, 0.0))
            lease.arm(machine.layout.root, 0.0)
            began = time.monotonic()
            position, ended = database_freeze.freeze(connection, machine.layout, run)
    return {
        "binlog_file": position.file,
        "binlog_position": position.position,
        "transactions_ended": ended,
        "marker": run,
        "seconds": round(time.monotonic() - began, 3),
    }


def prove_database_frozen(machine: Machine, run: str) -> dict[str, Any]:
    """Raises Refused or SiteError unless this run's freeze holds and nothing was written since its marker."""
    store = FreezeStore(machine.layout.freeze_file)
    with store.locked(), connect_as_root(machine.layout) as connection:
        store.read().must_be_frozen_by(run)
        database_freeze.prove_closed(connection, machine.layout, run)
    return {"frozen": run}


def thaw_database(machine: Machine, run: str) -> dict[str, Any]:
    store = FreezeStore(machine.layout.freeze_file)
    with store.locked(), connect_as_root(machine.layout) as connection:
        before = store.read()
        after: FreezeState = before.thaw(run)
        database_freeze.thaw(connection, machine.layout)
        store.write(after)
        lease.disarm(machine.layout.root)
    return {"read_only": False, "was": before.name}
