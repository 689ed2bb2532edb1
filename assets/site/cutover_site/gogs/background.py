"""Stop and start Gogs's background work. Gogs fetches mirrors on a timer, which changes refs without a request that the proxy could refuse.

Only a restart with cron off stops this, and reads fail for the second that it takes. So Gogs is restarted only when it may fetch a mirror
before the run ends. It fetches the mirrors that are due by its table, and those that a user requested.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Protocol

import pymysql

from cutover_site import service
from cutover_site.configured_for import read_configured_for, write_configured_for
from cutover_site.database.connections import Connection, connect, fetch_value, quote_identifier
from cutover_site.database.site_logins import read_source_application_login
from cutover_site.errors import SiteError
from cutover_site.gogs import deliveries, settings_file, timers
from cutover_site.gogs.app_ini import Instance
from cutover_site.gogs.layout import GogsLayout
from cutover_site.launch.configuration import describe_source
from cutover_site.machine import Machine


class SwitchBackground(Protocol):
    """Turns the background work on or off, and returns whether Gogs had to be restarted (`set_background`)."""

    def __call__(self, machine: Machine, *, on: bool) -> bool: ...


LOG = logging.getLogger(__name__)
HORIZON_SECONDS = 3600
"""longer than a run can take from its freeze to its commit. A mirror in Gogs's queue was due before"""


def set_background(machine: Machine, *, on: bool) -> bool:
    """Restart Gogs with its background work on or off. Return False when it already runs so."""
    owner, layout = read_configured_for(machine.layout), GogsLayout.extend(machine.layout)
    is_interrupted = on and timers.has_kept_settings(layout)  # a change to off whose process was killed
    if owner is not None and owner.background == on and not is_interrupted:
        return False
    if layout.installation:
        timers.switch_background(layout, on=on)
    else:
        instance = replace(Instance.from_settings(describe_source(machine)), background=on)
        settings_file.write_app_ini(layout, instance, volatile=False)
    service.stop(machine.layout.application)
    service.start(machine.layout.application)
    # Last, so that an interrupted change is repeated.
    write_configured_for(machine.layout, replace(owner or machine.claim_source(), background=on))
    return True


def stop(machine: Machine, *, git_ended: bool, switch: SwitchBackground = set_background) -> bool:
    """Keep Gogs from fetching mirrors until `resume`. Return whether Gogs had to be restarted.

    Before a restart the waiting webhooks are held, because Gogs would send them at its start.
    `git_ended`: git processes that write had to be ended, so Gogs may be working on mirrors that users requested.
    """
    schema = machine.layout.application.database.primary
    with connect(read_source_application_login(machine), timeout=10) as connection:
        due = count_due_mirrors(connection, HORIZON_SECONDS if not git_ended else None, schema)
        if due:
            _hold_webhooks(connection, schema)
    return switch(machine, on=False) if due else False


def _hold_webhooks(connection: Connection, schema: str) -> None:
    """Hold the waiting webhooks. A failure is only logged: webhooks that are sent twice are no reason to abort the window."""
    try:
        deliveries.hold(connection, schema)
    except pymysql.err.MySQLError as error:
        LOG.warning("the waiting webhooks cannot be held on the source: %s", error)


def count_due_mirrors(connection: Connection, horizon_seconds: int | None, schema: str) -> int:
    """Return how many mirrors Gogs's timer may fetch within `horizon_seconds`; all mirrors for None."""
    query = f"SELECT COUNT(*) FROM {quote_identifier(schema)}.mirror"
    if horizon_seconds is None:
        return int(fetch_value(connection, query))
    return int(fetch_value(connection, f"{query} WHERE next_update_unix <= %s", (int(time.time()) + horizon_seconds,)))


def resume(machine: Machine) -> bool:
    """Start the background work again. Return whether Gogs had to be restarted."""
    return set_background(machine, on=True)


def release_webhooks(machine: Machine) -> None:
    """Send the held webhooks. Runs when the site is open again, so a failure is only logged and never closes the site."""
    application = machine.layout.application
    try:
        with connect(read_source_application_login(machine), timeout=10) as connection:
            deliveries.release_on_source(connection, application.http.upstream, application.database.primary)
    except (pymysql.err.MySQLError, SiteError) as error:
        LOG.warning("webhooks that were held for the freeze stay held until the next freeze ends: %s", error)
