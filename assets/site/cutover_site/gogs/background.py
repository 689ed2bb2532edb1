"""What Gogs does by itself: it fetches mirrors on a timer, which moves refs without any request that a proxy could refuse.

Only a restart with cron off ends that, and reads fail for the second that it takes. So it is done where a mirror may be fetched before the
run ends, and nowhere else: Gogs fetches those whose next time has come, by its table, and those that a user asked for.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import pymysql

from cutover_site import service
from cutover_site.configured_for import ConfiguredFor, read_configured_for, write_configured_for
from cutover_site.database.connections import Connection, connect, one, source_application
from cutover_site.errors import SiteError
from cutover_site.gogs import deliveries, settings_file
from cutover_site.gogs.app_ini import Instance
from cutover_site.gogs.layout import SCHEMA, GogsLayout
from cutover_site.launch.configuration import describe_source
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)
HORIZON = 3600
"""seconds; longer than a run can last from its freeze to its commit. A mirror that Gogs has queued is one that was due"""


def stop(machine: Machine, *, git_ended: bool) -> bool:
    """No mirror is fetched until `resume`; true if Gogs had to be restarted for it. It then tells no webhook that waits, as it does at a start.

    `git_ended`: writers were at work, so Gogs may be in the middle of a queue of mirrors that users asked for.
    """
    with connect(source_application(machine), timeout=10) as connection:
        due = expected(connection, HORIZON if not git_ended else None)
        if due:
            _hold(connection)
    return _switch(machine, on=False) if due else False


def _hold(connection: Connection) -> None:
    """What cannot be held may be told twice: no reason to give a window up."""
    try:
        deliveries.hold(connection)
    except pymysql.err.MySQLError as error:
        LOG.warning("webhooks that wait are not held on the source: %s", error)


def expected(connection: Connection, horizon: int | None) -> int:
    """Mirrors that Gogs's timer may fetch within `horizon` seconds; None: all there are."""
    query = f"SELECT COUNT(*) FROM {SCHEMA}.mirror"
    if horizon is None:
        return int(one(connection, query))
    return int(one(connection, f"{query} WHERE next_update_unix <= %s", (int(time.time()) + horizon,)))


def resume(machine: Machine) -> bool:
    """Gogs does its background work again; true if it had to be restarted for it."""
    return _switch(machine, on=True)


def give_back(machine: Machine) -> None:
    """What was held is told. Called when the site is open: nobody waits for it, and nothing that goes wrong with it closes the site again."""
    try:
        with connect(source_application(machine), timeout=10) as connection:
            deliveries.give_back(connection)
    except (pymysql.err.MySQLError, SiteError) as error:
        LOG.warning("webhooks that were held for the freeze stay so until the next one: %s", error)


def _switch(machine: Machine, *, on: bool) -> bool:
    owner = read_configured_for(machine.layout)
    if owner is not None and owner.background == on:
        return False
    instance = replace(Instance.of(describe_source(machine)), background=on)
    settings_file.write_app_ini(GogsLayout.extend(machine.layout), instance, volatile=False)
    service.stop(machine.layout.application)
    service.start(machine.layout.application)
    # Last: a switch that was interrupted is made again.
    write_configured_for(machine.layout, ConfiguredFor(machine.instance_id, "source", background=on))
    return True
