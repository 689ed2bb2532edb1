"""Find the database server of this machine and connect to it for the checks, read-only."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from applications.profile import Database

from cutover_site.errors import SiteError
from cutover_site.existing.findings import Finding, not_checked, stop
from cutover_site.existing.host import Host
from cutover_site.existing.listeners import Listener

if TYPE_CHECKING:
    from cutover_site.database.connections import Connection
    from cutover_site.existing.inspection import DatabaseAddress

SOCKET = "run/mysqld/mysqld.sock"
"""where the tool connects in a migration (`Layout.database_socket`)"""
SOCKETS = (SOCKET, "var/run/mysqld/mysqld.sock", "var/lib/mysql/mysql.sock", "tmp/mysql.sock", "run/mysql/mysql.sock")
PROGRAMS = ("mysqld", "mariadbd")
LOCAL_NAMES = ("localhost", "")


def find_socket(host: Host, listeners: Sequence[Listener]) -> Path | None:
    """Return the socket of the database server of this machine, None when it has no server."""
    for one in listeners:
        if not one.port and one.program in PROGRAMS and not one.address.endswith(("mysqlx.sock", "x.sock")):
            return Path(one.address)
    return next((host.find(name) for name in SOCKETS if host.find(name).is_socket()), None)


def is_local(address: str) -> bool:
    """Return whether a host name or an IP address is this machine: whether a socket can be bound to it."""
    if address.lower() in LOCAL_NAMES:
        return True
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(_can_bind(family, where[0]) for family, _, _, _, where in found)


def _can_bind(family: int, address: Any) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def check_server(
    host: Host,
    found: Path | None,
    database: Database,
    address: DatabaseAddress | None,
    *,
    options_file: str = "",
    replication_user: str = "",
) -> tuple[dict[str, Any], list[Finding]]:
    """Return facts and findings of the server of this machine. `found`: its socket. `options_file`: a my.cnf with the account to connect with."""
    try:
        from cutover_site.existing.database import check_database
    except ModuleNotFoundError as error:
        what = f"the database cannot be checked, because the Python of this machine has no module {error.name}"
        return {}, [not_checked("database", what, "apt-get install python3-pymysql, then run check-source again")]
    can_connect, findings = _check_root(host, found)
    if not can_connect and not options_file:
        return {}, findings
    if address is not None:
        database = replace(database, schemas=address.schemas)
    try:
        with _connect(found, options_file) as connection:
            facts, more = check_database(
                connection,
                host,
                database,
                application_user=address.user if address else "",
                replication_user=replication_user,
            )
    except SiteError as error:
        what = f"the database server cannot be checked: {error.reason}"
        return {}, [
            *findings,
            not_checked("database", what, error.next_action or "correct this, then run check-source again"),
        ]
    return facts, [*findings, *more]


@contextmanager
def _connect(found: Path | None, options_file: str) -> Iterator[Connection]:
    from cutover_site.database.connections import connect_with

    options: dict[str, Any] = {"unix_socket": str(found), "user": "root"}
    if options_file:
        options = {"read_default_file": options_file, **({"unix_socket": str(found)} if found else {})}
    with connect_with(options) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
        yield connection


def _check_root(host: Host, found: Path | None) -> tuple[bool, list[Finding]]:
    """Return whether root can connect through the socket, by which the freeze closes the database, and the findings about it."""
    from cutover_site.database.connections import DatabaseUnreachable, connect_with

    if found is None:
        what = "no socket of a database server was found on this machine"
        return False, [stop("database-root", what, "start the server, or run this on its machine")]
    try:
        with connect_with({"unix_socket": str(found), "user": "root"}):
            pass
    except DatabaseUnreachable as error:
        refused = stop(
            "database-root",
            f"root of this machine cannot connect to the database server through {found} without a password, as the freeze does: {error.reason}",
            "let root@localhost sign in by its socket (MariaDB: IDENTIFIED VIA unix_socket, MySQL: IDENTIFIED WITH auth_socket);"
            " to run the other checks before that, name a my.cnf with an administrator's account by --defaults-file",
        )
        return False, [refused]
    wanted = host.find(SOCKET)
    if wanted.exists() and wanted.samefile(found):
        return True, []
    what = f"the server's socket is {found}, and the freeze connects through /{SOCKET}"
    return True, [stop("database-root", what, f"set socket = /{SOCKET}, or link it there")]
