"""The database server's part of the freeze: nothing is written any more but the marker, and the binary log says where it ends."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from cutover_site.database import changes, lockout
from cutover_site.database.connections import SERVER_ERRORS, Connection, execute, one
from cutover_site.database.positions import BinlogPosition, binlog_position, parse
from cutover_site.database.privileged import find_privileged
from cutover_site.database.products import product
from cutover_site.database.source_facts import facts
from cutover_site.database.writers import WritersLeft, end_writers, other_servers, prepared_transactions
from cutover_site.errors import Refused, SiteError
from cutover_site.layout import MARKER_SCHEMA, Layout
from cutover_site.system import textfiles

__all__ = [
    "BinlogPosition",
    "WritersLeft",
    "binlog_position",
    "end_writers",
    "facts",
]  # the freeze's parts, by one name

LOG = logging.getLogger(__name__)
SETTINGS = (
    "# Written by cutover-site freeze-database, removed by thaw: a restarted server stays closed.\n"
    "[mysqld]\nevent_scheduler = OFF\nread_only = ON\n"
)
OF_MYSQL = "super_read_only = ON\n"
LOCK_SECONDS = 4


def stop_writes(connection: Connection, layout: Layout, run: str) -> tuple[BinlogPosition, int]:
    """Close the server now and after a restart, end writing transactions, write the marker of `run` as the last thing in the binary log.

    Return the position after the marker and how many transactions had to be ended. Safe to repeat: the marker is written once.
    Raises Refused, before anything is closed, for writers that cannot be held; SiteError when something was written beside the marker.
    """
    refuse_if_open(connection)
    mysql = is_mysql(connection)
    lockout.note_event_scheduler(connection, layout)
    for path in layout.database_freeze:
        textfiles.replace(path, SETTINGS + (OF_MYSQL if mysql else ""))
    _close(connection)
    lockout.shut(connection, layout)
    ended = end_writers(connection)
    refuse_prepared(connection)
    before = _marker_position(layout, run) or binlog_position(connection)
    _marker(connection, run, mysql=mysql)
    if mysql:
        # After the marker: with super_read_only not even root may write.
        execute(connection, "SET GLOBAL super_read_only = ON")
    after = binlog_position(connection)
    _prove(connection, before, layout)
    lockout.write(layout, replace(lockout.read(layout), run=run, marker=str(after)))
    return after, ended


def refuse_if_open(connection: Connection) -> None:
    """Raises Refused when the server cannot be closed for somebody who may be writing."""
    refuse_prepared(connection)
    if reasons := [*other_servers(connection), *find_privileged(connection).reasons]:
        raise Refused(
            f"the database server cannot be closed for every writer: {'; '.join(reasons)}",
            next_action="change that on the source's database server, then deploy again",
        )


def refuse_prepared(connection: Connection) -> None:
    """Raises Refused while a transaction is prepared: whoever holds its name may commit it at any time."""
    if found := prepared_transactions(connection):
        raise Refused(
            f"prepared XA transactions are open: {', '.join(found)}",
            next_action="end each by XA COMMIT or XA ROLLBACK with its name (XA RECOVER lists them), then deploy again",
        )


def prove_closed(connection: Connection, layout: Layout, run: str) -> None:
    """Raises SiteError unless this run's freeze holds: read-only, and the marker is still the last thing in the binary log."""
    marker = _marker_position(layout, run)
    if marker is None or not is_read_only(connection):
        raise SiteError(f"the database server is not closed by run {run}", next_action="the run must roll back")
    _prove(connection, marker, layout)
    if threads := lockout.connections_of(connection, lockout.read(layout)):
        raise SiteError(f"connections {threads} of locked accounts are open", next_action="the run must roll back")


def resume_writes(connection: Connection, layout: Layout) -> None:
    """Open the server as it was before the freeze. The files go last: while they are there, this may be repeated."""
    execute(connection, "SET GLOBAL read_only = OFF")  # clears super_read_only too
    lockout.open_again(connection, layout)
    for path in layout.database_freeze:
        path.unlink(missing_ok=True)


def is_read_only(connection: Connection) -> bool:
    return bool(int(one(connection, "SELECT @@GLOBAL.read_only")))


def is_mysql(connection: Connection) -> bool:
    return product(connection).mysql


def has_marker(connection: Connection, run: str) -> bool:
    return one(connection, f"SELECT run_id FROM {MARKER_SCHEMA}.marker WHERE run_id = %s", (run,)) is not None


def _close(connection: Connection) -> None:
    """Read-only, or SiteError. Waits for locks a bounded time: a SET that waited on, in a server whose client is gone, would close an open site."""
    execute(connection, f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}")
    try:
        execute(connection, "SET GLOBAL read_only = ON")
    except SERVER_ERRORS as first:
        LOG.warning("read_only has to wait: %s", first)
        end_writers(connection, grace=0)
        try:
            execute(connection, "SET GLOBAL read_only = ON")
        except SERVER_ERRORS as error:
            raise SiteError(
                f"the database cannot become read-only: {error.args[-1]}",
                next_action="look which session holds table locks (SHOW PROCESSLIST): a backup, an ALTER",
            ) from error


def _marker(connection: Connection, run: str, *, mysql: bool) -> None:
    if has_marker(connection, run):
        return
    if mysql:  # a server that was restarted meanwhile is closed for root too
        execute(connection, "SET GLOBAL super_read_only = OFF")
    execute(connection, f"INSERT INTO {MARKER_SCHEMA}.marker VALUES (%s, %s)", (run, int(time.time())))


def _marker_position(layout: Layout, run: str) -> BinlogPosition | None:
    found = lockout.read(layout)
    return parse(found.marker) if found.marker and found.run == run else None


def _prove(connection: Connection, since: BinlogPosition, layout: Layout) -> None:
    """Raises SiteError when anything but the marker was logged since."""
    found = changes.since(connection, since, layout.application.database)
    if found.tables or found.statements:
        what = ", ".join(sorted(found.tables)) or f"{found.statements} statements"
        raise SiteError(
            f"the database server was written to after it was closed ({what})",
            next_action="find who writes with the rights of an administrator (mariadb-binlog or mysqlbinlog shows it), then deploy again",
        )
