"""The freeze on the database server: stop writes, prove that they are stopped, resume them."""

from __future__ import annotations

import time
from typing import Any, Protocol

from cutover_site.aws import permission
from cutover_site.database import freeze as database_freeze
from cutover_site.database import managed_freeze
from cutover_site.database.administrator import connect_as_administrator
from cutover_site.database.connections import Connection
from cutover_site.database.positions import BinlogPosition
from cutover_site.errors import Refused
from cutover_site.freeze.store import arm_for_database, disarm_for_database, open_database_store
from cutover_site.layout import Layout
from cutover_site.machine import Machine


class DatabaseFreeze(Protocol):
    """How writes are stopped on one kind of server."""

    def stop_writes(self, connection: Connection, layout: Layout, run: str) -> tuple[BinlogPosition, int]:
        """Stop writes and write the marker. Return its position and how many transactions had to be ended."""

    def prove_closed(self, connection: Connection, layout: Layout, run: str) -> None:
        """Raise SiteError unless this run's freeze is in force."""

    def resume_writes(self, connection: Connection, layout: Layout) -> None:
        """Open the server as it was."""


def _get_freeze(machine: Machine) -> DatabaseFreeze:
    """Return the freeze of a managed server, or of a server on this machine."""
    return managed_freeze if machine.config.has_managed_database else database_freeze


def stop_source_writes(machine: Machine, run: str) -> dict[str, Any]:
    """Close the database for writes and write the run's marker. Return the binary log's position after it.

    Raises Refused when the run is over, or has frozen and thawed this database before.
    """
    store = open_database_store(machine)
    with store.hold_lock():
        permission.require_undecided(machine.record, run)
        with connect_as_administrator(machine) as connection:
            before = store.read()
            if before.name == "open" and database_freeze.has_marker(connection, run):
                raise Refused(
                    f"run {run} has frozen and thawed this database before: its marker proves nothing any more",
                    next_action="start a new run",
                )
            store.write(before.freeze(run, 0.0))
            arm_for_database(machine)
            began = time.monotonic()
            position, ended = _get_freeze(machine).stop_writes(connection, machine.layout, run)
    return {
        "binlog_file": position.file,
        "binlog_position": position.position,
        "transactions_ended": ended,
        "marker": run,
        "seconds": round(time.monotonic() - began, 3),
    }


def prove_frozen(machine: Machine, run: str) -> dict[str, Any]:
    """Raise Refused or SiteError unless this run's freeze is in force and nothing was written after its marker."""
    store = open_database_store(machine)
    with store.hold_lock(), connect_as_administrator(machine) as connection:
        store.read().require_frozen_by(run)
        _get_freeze(machine).prove_closed(connection, machine.layout, run)
    return {"frozen": run}


def resume_source_writes(machine: Machine, run: str) -> dict[str, Any]:
    """Open the database for writes. Raises Refused for another run's freeze and after the move."""
    store = open_database_store(machine)
    with store.hold_lock(), connect_as_administrator(machine) as connection:
        before = store.read()
        after = before.thaw(run)
        _get_freeze(machine).resume_writes(connection, machine.layout)
        store.write(after)
        disarm_for_database(machine)
    return {"read_only": False, "was": before.name}
