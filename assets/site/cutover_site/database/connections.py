"""Connections to the database servers of source and target. Passwords are read from Secrets Manager and stay in memory."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymysql
import pymysql.cursors

from cutover_site.errors import NotConfigured, SiteError
from cutover_site.layout import Layout
from cutover_site.machine import Machine

if TYPE_CHECKING:
    from typing import TypeAlias  # novm: Python 3.10, for the type checker alone

Connection: TypeAlias = "pymysql.Connection[pymysql.cursors.Cursor]"

SERVER_ERRORS = (pymysql.err.OperationalError, pymysql.err.InternalError)
"""a statement or connection that the server refused. PyMySQL before 1.0 (Debian 11) raises InternalError for most of these"""

# Each session sets these itself, so that no setting of the server can change what a digest reads.
SESSION = "SET SESSION sql_mode = '', time_zone = '+00:00', character_set_results = 'utf8mb4'"


class DatabaseUnreachable(SiteError):
    """There is no connection, or the server refuses it."""


@dataclass(frozen=True)
class Server:
    """Where a database server is, and as whom to connect.

    `verify`: the server's certificate must be trusted by the system and match the host name. Otherwise the connection is encrypted when the
    server offers it, and the certificate is not checked (the source's server has a self-signed one).
    """

    host: str
    port: int
    user: str
    password: str
    verify: bool

    def __repr__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


def source_reader(machine: Machine) -> Server:
    """Return the source's server with the replication user (SELECT only)."""
    secret = machine.aws.secret(str(machine.fact("source_database_secret")))
    try:
        return Server(
            host=secret["host"],
            port=int(secret["port"]),
            user=secret["username"],
            password=secret["password"],
            verify=False,
        )
    except KeyError as error:
        raise NotConfigured(f"the secret of the source's database has no {error}") from error


def source_application(machine: Machine) -> Server:
    """Return the source's server with the user that the application uses there."""
    database = machine.config.source_database
    if database is None:
        raise NotConfigured(
            f"{machine.layout.site_file} has no source_database", next_action="run the Ansible playbook"
        )
    secret = machine.aws.secret(database.secret)
    return Server(
        host=database.host, port=database.port, user=secret["username"], password=secret["password"], verify=False
    )


def target_application(machine: Machine) -> Server:
    """Return the target's server with the application's user."""
    return _target(machine, "database_app_secret")


def target_admin(machine: Machine) -> Server:
    """Return the target's server with the administrator."""
    return _target(machine, "database_admin_secret")


def _target(machine: Machine, secret_key: str) -> Server:
    secret = machine.aws.secret(str(machine.fact(secret_key)))
    return Server(
        host=str(machine.fact("database_endpoint")),
        port=int(machine.fact("database_port")),
        user=secret["username"],
        password=secret["password"],
        verify=True,
    )


@contextmanager
def connect(server: Server, *, streaming: bool = False, raw: bool = False, timeout: int = 3600) -> Iterator[Connection]:
    """Connect with autocommit. `streaming`: do not collect rows in memory. `raw`: values as the server wrote them, not converted.

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
    attempts = [options] if server.verify else [options, {**options, "ssl": None}]
    for attempt in attempts:
        try:
            connection = _open(attempt, streaming=streaming, raw=raw, timeout=timeout)
            break
        except SERVER_ERRORS as error:
            if attempt is attempts[-1] or "SSL" not in str(error):
                raise DatabaseUnreachable(f"{server!r}: {error.args[-1]}") from error
    # PyMySQL before 1.2, which all distributions have, connects without TLS when the server offers none, in spite of the context.
    if server.verify and not getattr(connection, "_secure", False):
        connection.close()
        raise DatabaseUnreachable(f"{server!r}: the server offers no TLS", next_action="switch TLS on at the server")
    yield from _session(connection)


@contextmanager
def connect_as_root(layout: Layout, *, streaming: bool = False) -> Iterator[Connection]:
    """Connect to the server on this machine through its socket, as the system's root. Raises DatabaseUnreachable."""
    try:
        connection = _open(
            {"unix_socket": str(layout.database_socket), "user": "root"}, streaming=streaming, raw=False, timeout=600
        )
    except SERVER_ERRORS as error:
        raise DatabaseUnreachable(f"the database server on this machine: {error.args[-1]}") from error
    yield from _session(connection)


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


def _session(connection: Connection) -> Iterator[Connection]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(SESSION)
        yield connection
    finally:
        connection.close()


def rows(connection: Connection, query: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """Run a query. Return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, arguments or None)
        return list(cursor.fetchall())


def read_bytes(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows with text as bytes. PyMySQL leaves a connection unusable on which it could not decode a row."""
    connection.use_unicode = False
    try:
        return rows(connection, query)
    finally:
        connection.use_unicode = True


def one(connection: Connection, query: str, arguments: tuple[object, ...] = ()) -> Any:
    """Run a query. Return the first column of the first row, None when there is no row."""
    found = rows(connection, query, arguments)
    return found[0][0] if found else None


def execute(connection: Connection, statement: str, arguments: tuple[object, ...] = ()) -> int:
    """Run a statement. Return the number of affected rows."""
    with connection.cursor() as cursor:
        return int(cursor.execute(statement, arguments or None))


def quoted(name: str) -> str:
    """Return an identifier as it is written in a statement."""
    return "`" + name.replace("`", "``") + "`"
