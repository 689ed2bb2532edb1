"""Connections to database servers, and statements on them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pymysql
import pymysql.cursors

from cutover_site.database.login import DatabaseLogin
from cutover_site.errors import SiteError
from cutover_site.layout import Layout

if TYPE_CHECKING:
    from typing import TypeAlias  # novm: Python 3.10, for the type checker alone

Connection: TypeAlias = "pymysql.Connection[pymysql.cursors.Cursor]"

HOST_REFUSED = 1130
"""https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, ER_HOST_NOT_PRIVILEGED"""
SERVER_ERRORS = (pymysql.err.OperationalError, pymysql.err.InternalError)
"""a statement or connection that the server refused. PyMySQL before 1.0 (Debian 11) raises InternalError for most of these"""

# Each session sets these itself, so that no setting of the server can change what a digest reads.
SESSION_SETTINGS = "SET SESSION sql_mode = '', time_zone = '+00:00', character_set_results = 'utf8mb4'"


class DatabaseUnreachable(SiteError):
    """There is no connection, or the server refuses it."""


@contextmanager
def connect(
    server: DatabaseLogin, *, streaming: bool = False, raw: bool = False, timeout: int = 3600
) -> Iterator[Connection]:
    """Open a connection with autocommit for the block. `streaming`: do not collect rows in memory. `raw`: values as the server wrote them, not converted.

    `timeout`: seconds that one response may take. Raises DatabaseUnreachable.
    """
    context = ssl.create_default_context()
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    options: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password,
        "ssl": context,
    }
    # Encrypted where the server offers it. Only a connection whose certificate is not checked anyway may be without.
    is_tls_required = server.verify or server.encrypted
    attempts = [options] if is_tls_required else [options, {**options, "ssl": None}]
    for attempt in attempts:
        try:
            connection = _open(attempt, streaming=streaming, raw=raw, timeout=timeout)
            break
        except SERVER_ERRORS as error:
            if attempt is attempts[-1] or "SSL" not in str(error):
                raise _explain(server, error) from error
    # PyMySQL before 1.2, which all distributions have, connects without TLS when the server offers none, in spite of the context.
    if is_tls_required and not getattr(connection, "_secure", False):
        connection.close()
        raise DatabaseUnreachable(f"{server!r}: the server offers no TLS", next_action="switch TLS on at the server")
    yield from _initialize_session(connection)


@contextmanager
def connect_as_root(layout: Layout, *, streaming: bool = False) -> Iterator[Connection]:
    """Open a connection for the block to the server on this machine, through its socket as root. Raises DatabaseUnreachable."""
    with connect_with({"unix_socket": str(layout.database_socket), "user": "root"}, streaming=streaming) as connection:
        yield connection


@contextmanager
def connect_with(options: dict[str, Any], *, streaming: bool = False) -> Iterator[Connection]:
    """Open a connection for the block to the server on this machine with these options of PyMySQL. Raises DatabaseUnreachable."""
    try:
        connection = _open(options, streaming=streaming, raw=False, timeout=600)
    except SERVER_ERRORS as error:
        raise DatabaseUnreachable(f"the database server on this machine: {error.args[-1]}") from error
    yield from _initialize_session(connection)


def _explain(server: DatabaseLogin, error: Exception) -> DatabaseUnreachable:
    """Return the error with what to do. PyMySQL removes the first characters of a refusal that comes before the server's greeting."""
    if error.args[0] == HOST_REFUSED:
        return DatabaseUnreachable(
            f"{server!r}: the server accepts no connection from this machine's address",
            next_action=f"create the account of {server.user} for this address too, with the same privileges",
        )
    return DatabaseUnreachable(f"{server!r}: {error.args[-1]}")


def _open(options: dict[str, Any], *, streaming: bool, raw: bool, timeout: int) -> Connection:
    cursor = pymysql.cursors.SSCursor if streaming else pymysql.cursors.Cursor
    extra: dict[str, Any] = {"conv": {}} if raw else {}
    return pymysql.connect(
        **options,
        **extra,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=10,
        read_timeout=timeout,
        write_timeout=timeout,
        cursorclass=cursor,
    )


def _initialize_session(connection: Connection) -> Iterator[Connection]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(SESSION_SETTINGS)
        yield connection
    finally:
        connection.close()


def fetch_rows(connection: Connection, query: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """Run a query. Return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, arguments or None)
        return list(cursor.fetchall())


def fetch_rows_as_bytes(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    """Run a query. Return its rows, with text as bytes. PyMySQL leaves a connection unusable on which it could not decode a row."""
    connection.use_unicode = False
    try:
        return fetch_rows(connection, query)
    finally:
        connection.use_unicode = True


def fetch_value(connection: Connection, query: str, arguments: tuple[object, ...] = ()) -> Any:
    """Run a query. Return the first column of the first row, None when there is no row."""
    found = fetch_rows(connection, query, arguments)
    return found[0][0] if found else None


def execute(connection: Connection, statement: str, arguments: tuple[object, ...] = ()) -> int:
    """Run a statement. Return the number of affected rows."""
    with connection.cursor() as cursor:
        return int(cursor.execute(statement, arguments or None))


def quote_identifier(name: str) -> str:
    """Return an identifier in backquotes, as a statement needs it."""
    return "`" + name.replace("`", "``") + "`"
