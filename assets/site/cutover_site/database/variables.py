"""Read variables and run statements that not every server has."""

from __future__ import annotations

from typing import Any

import pymysql

from cutover_site.database.connections import Connection, fetch_value

UNKNOWN_VARIABLE = 1193
NO_PROCEDURE = 1305
NOT_SUPPORTED = {UNKNOWN_VARIABLE, 1064, 1109, 1146, 1054}
"""unknown variable, syntax error, unknown table of information_schema, missing table, unknown column"""
DAY_SECONDS = 86_400


def read_variable(connection: Connection, name: str) -> Any:
    """Return a global variable, None when the server does not have it."""
    try:
        return fetch_value(connection, f"SELECT @@GLOBAL.{name}")
    except pymysql.err.MySQLError as error:
        if error.args[0] != UNKNOWN_VARIABLE:
            raise
        return None


def fetch_named_rows(connection: Connection, statement: str) -> list[dict[str, Any]] | None:
    """Return rows as dictionaries by column name, None when the server does not support the statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            names = [column[0] for column in getattr(cursor, "description", None) or ()]
            return [dict(zip(names, row)) for row in cursor.fetchall()]
    except pymysql.err.MySQLError as error:
        if error.args[0] not in NOT_SUPPORTED:
            raise
        return None


def read_binlog_retention_seconds(connection: Connection) -> int | None:
    """Return how long the binary log is kept: 0 for ever, None when the server does not show it.

    MariaDB until 10.5 and MySQL 5.7 have a variable in days. MySQL 8.0 has both, and uses the seconds unless they are 0.
    """
    automatic = read_variable(connection, "binlog_expire_logs_auto_purge")
    if automatic is not None and not int(automatic):
        return 0
    seconds = read_variable(connection, "binlog_expire_logs_seconds")
    if seconds:
        return int(seconds)
    days = read_variable(connection, "expire_logs_days")
    if days is None:
        return None if seconds is None else 0
    return int(float(days) * DAY_SECONDS)
