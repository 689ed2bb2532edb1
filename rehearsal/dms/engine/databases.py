"""Connections to the two servers. Passwords stay in `Server` and are never printed."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CLIENT, FIELD_TYPE
from pymysql.converters import decoders, encoders

if TYPE_CHECKING:
    Connection = pymysql.Connection[Any]
else:
    Connection = pymysql.Connection
Row = tuple[Any, ...]
CONNECT_SECONDS = 10
ANSWER_SECONDS = 600
TLS_ERROR = 2026
"""CR_SSL_CONNECTION_ERROR, https://dev.mysql.com/doc/mysql-errors/8.4/en/client-error-reference.html"""
# Zero dates, years 0 and times beyond a day have no Python type: temporal values travel as the server's own text.
_AS_TEXT = (FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATETIME, FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE, FIELD_TYPE.TIME)
_CONVERSIONS: dict[Any, Any] = {
    **encoders,
    **{kind: decode for kind, decode in decoders.items() if kind not in _AS_TEXT},
}
# Values are written as they are or refused; a zero stays a zero; dates may be as odd as the source's.
_SQL_MODE = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"


@dataclass(frozen=True)
class Server:
    """One end of a task.

    `authority`: certificates (PEM) by which the server's is checked; empty: without TLS. `checks_host`: it must be one for `host` too.
    `init_statement`: what each session executes first; without one, the server checks foreign keys.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    authority: str = field(default="", repr=False)
    checks_host: bool = False
    init_statement: str = ""

    def build_arguments(self) -> dict[str, Any]:
        """Return the arguments of pymysql.connect and BinLogStreamReader."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_SECONDS,
            **self._build_tls(),
        }

    def _build_tls(self) -> dict[str, Any]:
        if not self.authority:
            return {"ssl_disabled": True}
        context = ssl.create_default_context(cadata=self.authority)
        context.check_hostname = self.checks_host
        # Python 3.13 is stricter than DMS: it refuses authorities without some extensions, as MySQL makes them for itself.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return {"ssl": context}

    def connect(self, *, autocommit: bool = True, streaming: bool = False) -> Connection:
        """Open a connection. Raises pymysql.err.MySQLError. An UPDATE counts the rows it found, also those it did not have to change."""
        connection = open_connection(
            **self.build_arguments(),
            autocommit=autocommit,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
            client_flag=CLIENT.FOUND_ROWS | CLIENT.MULTI_STATEMENTS,
            conv=_CONVERSIONS,
            cursorclass=pymysql.cursors.SSCursor if streaming else pymysql.cursors.Cursor,
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SET time_zone = '+00:00', sql_mode = '{_SQL_MODE}'")
            if self.init_statement:
                cursor.execute(self.init_statement)
        return connection


def open_connection(**arguments: Any) -> Connection:
    """Open a connection with these arguments of PyMySQL. Raises pymysql.err.MySQLError.

    PyMySQL reports a certificate that is not trusted as a server that cannot be reached, for which the engine would wait.
    """
    try:
        return pymysql.connect(**arguments)
    except pymysql.err.OperationalError as error:
        reason = getattr(error, "original_exception", None)
        if isinstance(reason, ssl.SSLError):
            raise pymysql.err.OperationalError(TLS_ERROR, f"SSL connection error: {reason}") from error
        raise


@dataclass(frozen=True, order=True)
class Position:
    """A place between two events of the binary log. Files are numbered, so places have an order."""

    number: int
    offset: int
    file: str = field(compare=False, default="")

    @classmethod
    def of(cls, file: str, offset: int) -> Position:
        found = re.search(r"(\d+)$", file)
        if not found:
            raise ValueError(f"{file} is no name of a binary log")
        return cls(int(found[1]), int(offset), file)

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"


def read_rows(connection: Connection, query: str, arguments: Sequence[Any] | None = None) -> list[Row]:
    """Run the query and return all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return list(cursor.fetchall())


def execute(connection: Connection, statement: str, arguments: Sequence[Any] | None = None) -> int:
    """Return the number of rows that the statement matched or wrote."""
    with connection.cursor() as cursor:
        return int(cursor.execute(statement, arguments))


def read_variable(connection: Connection, name: str) -> str:
    """Return a global variable, upper case; empty when the server does not know it."""
    found = read_rows(connection, "SHOW GLOBAL VARIABLES LIKE %s", (name,))
    return str(found[0][1]).upper() if found else ""


def follow_source_fractions(source: Connection, target: Connection) -> None:
    """Make the target cut or round fractions of seconds as the source's product does, when it repeats the source's DDL.

    MariaDB cuts them, unless TIME_ROUND_FRACTIONAL is set; MySQL rounds them, unless TIME_TRUNCATE_FRACTIONAL is set.
    """
    ours, theirs = is_mariadb(source), is_mariadb(target)
    if ours != theirs:
        mode = "TIME_TRUNCATE_FRACTIONAL" if ours else "TIME_ROUND_FRACTIONAL"
        execute(target, "SET sql_mode = %s", (f"{_SQL_MODE},{mode}",))


def is_mariadb(connection: Connection) -> bool:
    """Return whether the server names itself MariaDB."""
    return "mariadb" in str(read_rows(connection, "SELECT VERSION()")[0][0]).lower()


def end_of_log(connection: Connection) -> Position | None:
    """Return the current end of the binary log; None when the server writes none. Needs REPLICATION CLIENT."""
    try:
        found = read_rows(connection, "SHOW MASTER STATUS")
    except pymysql.err.ProgrammingError:
        found = read_rows(connection, "SHOW BINARY LOG STATUS")  # the only name since MySQL 8.4
    return Position.of(str(found[0][0]), int(found[0][1])) if found else None
