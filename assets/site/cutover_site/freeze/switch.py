"""The dead man's switch: what the lease's timer runs on a frozen machine.

The application server decides in the run record, then acts. The database server only follows the decision. A server with both decides, opens
the database, then the application.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from cutover_site.aws.run_record import RunRecordUnreachable
from cutover_site.errors import SiteError
from cutover_site.freeze import database_server
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.dead_man import choose_action
from cutover_site.freeze.store import open_database_store
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)


class StillFrozen(SiteError):
    """The decision is not known, so the machine stays frozen. systemd runs the unit again."""


def run_on_application_server(machine: Machine, open_database: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """Resume writes when the lease has ended and the run is not committed. Return the action and the reason.

    A conditional write decides before the site opens. `open_database` runs after the decision and before the application resumes.
    Raises StillFrozen when the record cannot be reached.
    """
    server = ApplicationServer(machine)
    state = server.store.read()
    if not state.is_expired(time.time()):
        return {"action": "nothing", "state": state.name}
    try:
        chosen = choose_action(state, machine.record.decide_thaw(state.run))
    except (RunRecordUnreachable, SiteError) as error:
        raise StillFrozen(
            f"the lease of run {state.run} has ended, but the run record cannot be reached: {error}; staying frozen"
        ) from error
    LOG.warning("the lease of run %s has ended: %s, %s", state.run, chosen.action, chosen.reason)
    if chosen.action == "thaw":
        open_database()
        server.resume_source_writes(state.run)
    return {"action": chosen.action, "reason": chosen.reason}


def run_on_database_server(machine: Machine) -> dict[str, Any]:
    """Resume writes when the run record shows that the run will not be committed. Return the action and the reason. Never decides."""
    store = open_database_store(machine)
    state = store.read()
    if state.name != "frozen":
        return {"action": "nothing", "state": state.name}
    try:
        chosen = choose_action(state, machine.record.read())
    except (RunRecordUnreachable, SiteError) as error:
        raise StillFrozen(
            f"frozen by run {state.run}, and the run record cannot be read: {error}; staying read-only"
        ) from error
    LOG.info("frozen by run %s: %s, %s", state.run, chosen.action, chosen.reason)
    if chosen.action == "thaw":
        database_server.resume_source_writes(machine, state.run)
    return {"action": chosen.action, "reason": chosen.reason}


def run_on_one_server(machine: Machine) -> dict[str, Any]:
    """Run both switches on a server with both roles. Return the application's result, with that of the database in `database`.

    The database follows the record also when the application's switch fails: on two servers neither waits for the other.
    """
    try:
        application = run_on_application_server(machine, lambda: run_on_database_server(machine))
    finally:
        database = run_on_database_server(machine)
    return {**application, "database": database}
