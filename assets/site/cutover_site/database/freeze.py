"""The database server's part of the freeze: nothing is written any more but the marker, and the binary log says where it ends."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

import pymysql

from cutover_site.database.connections import SERVER_ERRORS, Connection, execute, one, rows
from cutover_site.errors import SiteError
from cutover_site.layout import MARKER_SCHEMA, SCHEMA, Layout
from cutover_site.system import textfiles

LOG = logging.getLogger(__name__)
SETTINGS = "# Written by cutover-site freeze-database, removed by thaw: a restarted server stays closed.\n[mysqld]\nread_only = ON\n"
MARKER_TABLE = (
    f"CREATE TABLE IF NOT EXISTS {MARKER_SCHEMA}.marker"
    " (run_id VARCHAR(64) NOT NULL PRIMARY KEY, written_unix BIGINT NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
)
GRACE = 5.0
LOCK_SECONDS = 4
PAUSE = 0.15
"""InnoDB shows its transactions from a cache that it renews only when nobody has read it for 0.1 s"""


class WritersLeft(SiteError):
    """A transaction could not be ended."""


@dataclass(frozen=True)
class BinlogPosition:
    file: str
    position: int


def freeze(connection: Connection, layout: Layout, run: str) -> tuple[BinlogPosition, int]:
    """Read-only now and after a restart, no writing transaction left, the marker of `run` is the last thing in the binary log.

    Answers the position after the marker and how many transactions had to be ended. Safe to repeat: the marker is written once.
    """
    for path in layout.database_freeze:
        textfiles.replace(path, SETTINGS)
    _close(connection)
    ended = end_writers(connection)
    _marker(connection, run)
    if is_mysql(connection):
        # After the marker: with super_read_only not even root may write.
        execute(connection, "SET GLOBAL super_read_only = ON")
    return binlog_position(connection), ended


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


def thaw(connection: Connection, layout: Layout) -> None:
    for path in layout.database_freeze:
        path.unlink(missing_ok=True)
    execute(connection, "SET GLOBAL read_only = OFF")  # clears super_read_only too


def is_read_only(connection: Connection) -> bool:
    return bool(int(one(connection, "SELECT @@GLOBAL.read_only")))


def is_mysql(connection: Connection) -> bool:
    return "mariadb" not in str(one(connection, "SELECT VERSION()")).lower()


def end_writers(connection: Connection, grace: float = GRACE) -> int:
    """No transaction that changed something is open afterwards. They get `grace` seconds to end; a commit fails by now anyway."""
    deadline = time.monotonic() + grace
    while writers := _writers(connection):
        if time.monotonic() >= deadline:
            for thread in writers:
                _kill(connection, thread)
            return _await_none(connection, len(writers))
        time.sleep(PAUSE)  # the server has no event for "a transaction ended"
    return 0


def binlog_position(connection: Connection) -> BinlogPosition:
    """Raises SiteError when there is no binary log."""
    try:
        found = rows(connection, "SHOW MASTER STATUS")
    except pymysql.err.ProgrammingError:
        found = rows(connection, "SHOW BINARY LOG STATUS")  # the only name since MySQL 8.4
    if not found:
        raise SiteError("the source's database server writes no binary log", next_action="run database.yml again")
    return BinlogPosition(file=str(found[0][0]), position=int(found[0][1]))


def facts(connection: Connection) -> dict[str, Any]:
    """What preflight wants to know about this server."""
    names = (
        "version",
        "server_id",
        "log_bin",
        "binlog_format",
        "binlog_row_image",
        "read_only",
        "time_zone",
        "max_connections",
    )
    found: dict[str, Any] = {name: one(connection, f"SELECT @@GLOBAL.{name}") for name in names}
    found["binlog_retention_seconds"] = int(one(connection, "SELECT @@GLOBAL.binlog_expire_logs_seconds"))
    found["tables_without_primary_key"] = [
        f"{schema}.{table}" for schema, table in rows(connection, _NO_KEY, (SCHEMA, MARKER_SCHEMA))
    ]
    found["not_carried"] = [str(name) for (name,) in rows(connection, _NOT_CARRIED, (SCHEMA,) * 4)]
    found["bytes"] = int(
        one(
            connection,
            "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = %s",
            (SCHEMA,),
        )
    )
    return found


_NO_KEY = """
    SELECT t.table_schema, t.table_name FROM information_schema.tables t
    LEFT JOIN information_schema.table_constraints c
      ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'
    WHERE t.table_schema IN (%s, %s) AND t.table_type = 'BASE TABLE' AND c.constraint_name IS NULL
"""


_NOT_CARRIED = """
    SELECT CONCAT('view ', table_name) FROM information_schema.views WHERE table_schema = %s
    UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = %s
    UNION ALL SELECT CONCAT('event ', event_name) FROM information_schema.events WHERE event_schema = %s
    UNION ALL SELECT CONCAT(LOWER(routine_type), ' ', routine_name) FROM information_schema.routines WHERE routine_schema = %s
"""


def has_marker(connection: Connection, run: str) -> bool:
    return one(connection, f"SELECT run_id FROM {MARKER_SCHEMA}.marker WHERE run_id = %s", (run,)) is not None


def _marker(connection: Connection, run: str) -> None:
    if not has_marker(connection, run):
        execute(connection, f"INSERT INTO {MARKER_SCHEMA}.marker VALUES (%s, %s)", (run, int(time.time())))


def _writers(connection: Connection) -> list[int]:
    query = "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_rows_modified > 0 AND trx_mysql_thread_id <> CONNECTION_ID()"
    return [int(thread) for (thread,) in rows(connection, query) if thread]


def _kill(connection: Connection, thread: int) -> None:
    try:
        execute(connection, "KILL %s", (thread,))
    except pymysql.err.MySQLError:
        return  # it ended meanwhile; _await_none looks again


def _await_none(connection: Connection, count: int) -> int:
    deadline = time.monotonic() + 30
    while left := _writers(connection):
        if time.monotonic() >= deadline:
            raise WritersLeft(
                f"transactions of connections {left} cannot be ended", next_action="look at SHOW ENGINE INNODB STATUS"
            )
        time.sleep(PAUSE)
    return count
