"""Find and end writers: open transactions, prepared transactions without a connection, and other servers that replicate into this one."""

from __future__ import annotations

import time

import pymysql

from cutover_site.database.connections import Connection, execute, fetch_rows
from cutover_site.database.variables import fetch_named_rows, read_variable
from cutover_site.errors import SiteError

NOT_OWNER, MAY_NOT_LIST = 1095, 1401
"""https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, ER_KILL_DENIED_ERROR and ER_XAER_RMERR"""
GRACE_SECONDS = 5.0
POLL_INTERVAL_SECONDS = 0.15
"""InnoDB shows its transactions from a cache, which it renews only after 0.1 s without a read"""
REPLICA_STATEMENTS = ("SHOW ALL SLAVES STATUS", "SHOW REPLICA STATUS", "SHOW SLAVE STATUS")
"""for MariaDB with all its connections, MySQL since 8.0.22, older servers"""


class WritersLeft(SiteError):
    """A transaction could not be ended."""


def end_writers(connection: Connection, grace_seconds: float = GRACE_SECONDS) -> int:
    """End all transactions that changed something. Return how many had to be killed. The server must be read-only: no commit succeeds.

    They have `grace_seconds` to end by themselves. Raises WritersLeft.
    """
    deadline = time.monotonic() + grace_seconds
    while writers := _list_writers(connection):
        if time.monotonic() >= deadline:
            for thread in writers:
                kill(connection, thread)
            return _wait_for_none(connection, len(writers))
        time.sleep(POLL_INTERVAL_SECONDS)  # the server has no event for the end of a transaction
    return 0


def kill(connection: Connection, thread: int) -> None:
    """Kill a connection. Ignores errors, because it may have ended meanwhile; the caller checks."""
    try:
        execute(connection, "KILL %s", (thread,))
    except pymysql.err.MySQLError as error:
        if error.args[0] == NOT_OWNER:
            _kill_by_procedure(connection, thread)


def _kill_by_procedure(connection: Connection, thread: int) -> None:
    """Kill a connection of another account on RDS, whose administrator has no privilege for it but this procedure. Ignores errors."""
    try:
        execute(connection, "CALL mysql.rds_kill(%s)", (thread,))
    except pymysql.err.MySQLError:
        return


def list_prepared_transactions(connection: Connection) -> list[str]:
    """Return the names of prepared XA transactions. They survive the end of their connection, a restart and KILL.

    An administrator of a managed server may have no right to list them (MySQL 8.0: XA_RECOVER_ADMIN). InnoDB then shows those without a connection,
    by their number in it. A transaction of which a connection is left is one that this connection can still be ended with.
    """
    try:
        return [_decode(row[-1]) for row in fetch_rows(connection, "XA RECOVER")]
    except pymysql.err.MySQLError as error:
        if error.args[0] != MAY_NOT_LIST:
            raise
        return [str(number) for (number,) in fetch_rows(connection, _WITHOUT_CONNECTION)]


def end_transactions(connection: Connection) -> int:
    """Kill all other connections that have an open transaction, also one that only reads. Return their number."""
    query = "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id NOT IN (0, CONNECTION_ID())"
    threads = [int(thread) for (thread,) in fetch_rows(connection, query)]
    for thread in threads:
        kill(connection, thread)
    return len(threads)


def find_other_servers(connection: Connection) -> list[str]:
    """Return a phrase for each way in which other servers write into this one. Their changes are applied in spite of read_only."""
    found = []
    for statement in REPLICA_STATEMENTS:
        status = fetch_named_rows(connection, statement)
        if status is None:
            continue
        for row in status:
            host = row.get("Master_Host") or row.get("Source_Host")
            applies = row.get("Slave_SQL_Running") or row.get("Replica_SQL_Running")
            if host and str(applies).upper() != "NO":
                found.append(f"it is a replica of {host}")
        break
    if int(read_variable(connection, "wsrep_on") or 0):
        found.append("it is a node of a Galera cluster")
    group = fetch_named_rows(
        connection,
        "SELECT member_id FROM performance_schema.replication_group_members WHERE member_state NOT IN ('', 'OFFLINE')",
    )
    if group and any(group):
        found.append("it is a member of a replication group")
    return found


def _decode(name: object) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _list_writers(connection: Connection) -> list[int]:
    query = "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_rows_modified > 0 AND trx_mysql_thread_id <> CONNECTION_ID()"
    return [int(thread) for (thread,) in fetch_rows(connection, query) if thread]


def _wait_for_none(connection: Connection, count: int) -> int:
    deadline = time.monotonic() + 30
    while left := _list_writers(connection):
        if time.monotonic() >= deadline:
            raise WritersLeft(
                f"transactions of connections {left} cannot be ended", next_action="look at SHOW ENGINE INNODB STATUS"
            )
        time.sleep(POLL_INTERVAL_SECONDS)
    return count


_WITHOUT_CONNECTION = "SELECT trx_id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = 0"
