"""Who may be writing to the server: open transactions, prepared ones that belong to no connection, and other servers."""

from __future__ import annotations

import time

import pymysql

from cutover_site.database.connections import Connection, execute, rows
from cutover_site.database.variables import named_rows, variable
from cutover_site.errors import SiteError

GRACE = 5.0
PAUSE = 0.15
"""InnoDB shows its transactions from a cache that it renews only when nobody has read it for 0.1 s"""
SHOW_REPLICA = ("SHOW ALL SLAVES STATUS", "SHOW REPLICA STATUS", "SHOW SLAVE STATUS")
"""MariaDB with all its connections, MySQL since 8.0.22, older ones"""


class WritersLeft(SiteError):
    """A transaction could not be ended."""


def end_writers(connection: Connection, grace: float = GRACE) -> int:
    """No transaction that changed something is open afterwards. They get `grace` seconds to end; a commit fails by now anyway."""
    deadline = time.monotonic() + grace
    while writers := _writers(connection):
        if time.monotonic() >= deadline:
            for thread in writers:
                kill(connection, thread)
            return _await_none(connection, len(writers))
        time.sleep(PAUSE)  # the server has no event for "a transaction ended"
    return 0


def kill(connection: Connection, thread: int) -> None:
    try:
        execute(connection, "KILL %s", (thread,))
    except pymysql.err.MySQLError:
        return  # it ended meanwhile; the caller looks again


def prepared_transactions(connection: Connection) -> list[str]:
    """Return the names of XA transactions that are prepared. They survive their connection, a restart, and KILL."""
    return [_readable(row[-1]) for row in rows(connection, "XA RECOVER")]


def other_servers(connection: Connection) -> list[str]:
    """Return which other servers write into this one. Their changes are applied in spite of read_only."""
    found = []
    for statement in SHOW_REPLICA:
        status = named_rows(connection, statement)
        if status is None:
            continue
        for one in status:
            host = one.get("Master_Host") or one.get("Source_Host")
            applies = one.get("Slave_SQL_Running") or one.get("Replica_SQL_Running")
            if host and str(applies).upper() != "NO":
                found.append(f"it is a replica of {host}")
        break
    if int(variable(connection, "wsrep_on") or 0):
        found.append("it is a node of a Galera cluster")
    group = named_rows(
        connection,
        "SELECT member_id FROM performance_schema.replication_group_members WHERE member_state NOT IN ('', 'OFFLINE')",
    )
    if group and any(group):
        found.append("it is a member of a replication group")
    return found


def _readable(name: object) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _writers(connection: Connection) -> list[int]:
    query = "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_rows_modified > 0 AND trx_mysql_thread_id <> CONNECTION_ID()"
    return [int(thread) for (thread,) in rows(connection, query) if thread]


def _await_none(connection: Connection, count: int) -> int:
    deadline = time.monotonic() + 30
    while left := _writers(connection):
        if time.monotonic() >= deadline:
            raise WritersLeft(
                f"transactions of connections {left} cannot be ended", next_action="look at SHOW ENGINE INNODB STATUS"
            )
        time.sleep(PAUSE)
    return count
