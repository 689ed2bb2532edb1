"""Stop writes on the database server, write the marker as the last row, and prove by the binary log that nothing follows it."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from cutover_site.database import lockout, written_tables
from cutover_site.database.connections import SERVER_ERRORS, Connection, execute, fetch_value
from cutover_site.database.positions import BinlogPosition, parse_position, read_binlog_position
from cutover_site.database.privileged import find_privileged
from cutover_site.database.products import read_product
from cutover_site.database.writers import end_writers, find_other_servers, list_prepared_transactions
from cutover_site.errors import Refused, SiteError
from cutover_site.layout import MARKER_SCHEMA, Layout
from cutover_site.system import textfiles

LOG = logging.getLogger(__name__)
SETTINGS = (
    "# Written by cutover-site freeze-database, removed by thaw: the server stays read-only after a restart.\n"
    "[mysqld]\nevent_scheduler = OFF\nread_only = ON\n"
)
MYSQL_SETTINGS = "super_read_only = ON\n"
LOCK_WAIT_SECONDS = 4


def stop_writes(connection: Connection, layout: Layout, run: str) -> tuple[BinlogPosition, int]:
    """Make the server read-only, also after a restart, end writing transactions, and write the marker of `run` as the last row.

    Return the binary log's position after the marker and how many transactions had to be ended. Safe to repeat: the marker is written once.
    Raises Refused, before any change, for writers that cannot be stopped; SiteError when anything except the marker was written.
    """
    refuse_unstoppable_writers(connection)
    mysql = is_mysql(connection)
    lockout.save_event_scheduler(connection, layout)
    for path in layout.database_freeze:
        textfiles.replace(path, SETTINGS + (MYSQL_SETTINGS if mysql else ""))
    _set_read_only(connection)
    lockout.lock_writers(connection, layout)
    ended = end_writers(connection)
    refuse_prepared_transactions(connection)
    before = read_marker_position(layout, run) or read_binlog_position(connection)
    write_marker(connection, run, mysql=mysql)
    if mysql:
        # After the marker: with super_read_only not even root may write.
        execute(connection, "SET GLOBAL super_read_only = ON")
    after = read_binlog_position(connection)
    require_only_marker(connection, before, layout)
    lockout.write_lockout(layout, replace(lockout.read_lockout(layout), run=run, marker=str(after)))
    return after, ended


def refuse_unstoppable_writers(connection: Connection) -> None:
    """Raise Refused when there is a writer that a read-only server does not stop."""
    refuse_prepared_transactions(connection)
    if reasons := [*find_other_servers(connection), *find_privileged(connection).reasons]:
        raise Refused(
            f"the database server cannot be closed for every writer: {'; '.join(reasons)}",
            next_action="change that on the source's database server, then deploy again",
        )


def refuse_prepared_transactions(connection: Connection) -> None:
    """Raise Refused while there is a prepared transaction, because any connection may commit it at any time by its name."""
    if found := list_prepared_transactions(connection):
        raise Refused(
            f"prepared XA transactions are open: {', '.join(found)}",
            next_action="end each by XA COMMIT or XA ROLLBACK with its name (XA RECOVER lists them), then deploy again",
        )


def prove_closed(connection: Connection, layout: Layout, run: str) -> None:
    """Raise SiteError unless this run's freeze is in force: read-only, and nothing follows the marker in the binary log."""
    marker = read_marker_position(layout, run)
    if marker is None or not is_read_only(connection):
        raise SiteError(f"the database server is not closed by run {run}", next_action="the run must roll back")
    require_only_marker(connection, marker, layout)
    if threads := lockout.list_connections(connection, lockout.read_lockout(layout)):
        raise SiteError(f"connections {threads} of locked accounts are open", next_action="the run must roll back")


def resume_writes(connection: Connection, layout: Layout) -> None:
    """Open the server as it was before the freeze. The settings files are removed last, so that this can be repeated until it is complete."""
    execute(connection, "SET GLOBAL read_only = OFF")  # clears super_read_only too
    lockout.unlock_writers(connection, layout)
    for path in layout.database_freeze:
        path.unlink(missing_ok=True)


def is_read_only(connection: Connection) -> bool:
    """Return whether the server is read-only. The variable is a number, and since MariaDB 12.0 a word (OFF, ON, NO_LOCK …)."""
    return str(fetch_value(connection, "SELECT @@GLOBAL.read_only")).upper() not in ("0", "OFF")


def is_mysql(connection: Connection) -> bool:
    """Return whether the server is MySQL."""
    return read_product(connection).mysql


def has_marker(connection: Connection, run: str) -> bool:
    """Return whether the marker of `run` is in the database."""
    return fetch_value(connection, f"SELECT run_id FROM {MARKER_SCHEMA}.marker WHERE run_id = %s", (run,)) is not None


def _set_read_only(connection: Connection) -> None:
    """Make the server read-only. Raises SiteError.

    Waits for locks for a limited time. A SET that kept waiting after this client has ended would later close a site that is open.
    """
    execute(connection, f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}")
    try:
        execute(connection, "SET GLOBAL read_only = ON")
    except SERVER_ERRORS as first:
        LOG.warning("read_only has to wait: %s", first)
        end_writers(connection, grace_seconds=0)
        try:
            execute(connection, "SET GLOBAL read_only = ON")
        except SERVER_ERRORS as error:
            raise SiteError(
                f"the database cannot become read-only: {error.args[-1]}",
                next_action="look which session holds table locks (SHOW PROCESSLIST): a backup, an ALTER",
            ) from error


def write_marker(connection: Connection, run: str, *, mysql: bool = False) -> None:
    """Write the marker of `run`, unless it is there. `mysql`: super_read_only may be on, which is switched off for it."""
    if has_marker(connection, run):
        return
    if mysql:  # a server that was restarted meanwhile refuses writes of root too
        execute(connection, "SET GLOBAL super_read_only = OFF")
    execute(connection, f"INSERT INTO {MARKER_SCHEMA}.marker VALUES (%s, %s)", (run, int(time.time())))


def read_marker_position(layout: Layout, run: str) -> BinlogPosition | None:
    """Return the position after the marker of `run`; None while there is none."""
    found = lockout.read_lockout(layout)
    return parse_position(found.marker) if found.marker and found.run == run else None


def require_only_marker(connection: Connection, since: BinlogPosition, layout: Layout) -> None:
    """Raise SiteError when anything but the marker was logged since this position."""
    found = written_tables.find_written_tables(connection, since, layout.application.database)
    if found.tables or found.other_events or found.switches:
        what = ", ".join(sorted(found.tables)) or f"{found.other_events + found.switches} statements"
        raise SiteError(
            f"the database server was written to after it was closed ({what})",
            next_action="find who writes with the rights of an administrator (mariadb-binlog or mysqlbinlog shows it), then deploy again",
        )
