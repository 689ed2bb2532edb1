"""Check a managed database service from the application server, because it has no server on which the tool could run. Read-only.

PyMySQL and boto3 are imported when they are used: `check-source` runs on a machine that may lack both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from applications.profile import Database

from cutover_site.config import Administrator, SourceDatabase
from cutover_site.errors import SiteError
from cutover_site.existing.findings import Finding, not_checked, stop
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress

if TYPE_CHECKING:
    from cutover_site.database.connections import Connection

CHECK = "managed-database"
DEFAULT_PORT = 3306
OpenServer = Callable[[DatabaseAddress], AbstractContextManager["Connection"]]
ReadSecret = Callable[[str], "dict[str, str]"]


def open_by_file(options_file: str) -> OpenServer:
    """Return the connection with the account of a my.cnf, to the address that the application uses. TLS is as the file says."""

    @contextmanager
    def open_server(address: DatabaseAddress) -> Iterator[Connection]:
        from cutover_site.database.connections import connect_with

        place = {"host": address.host, "port": address.port or DEFAULT_PORT}
        with connect_with({**place, "read_default_file": options_file}) as connection:
            yield connection

    return open_server


def open_by_secret(read_secret: ReadSecret, administrator: Administrator) -> OpenServer:
    """Return the connection of the administrator whose secret this node may read, as in a migration."""

    @contextmanager
    def open_server(address: DatabaseAddress) -> Iterator[Connection]:
        from cutover_site.database.administrator import build_login
        from cutover_site.database.connections import connect

        database = SourceDatabase(address.host, address.port or DEFAULT_PORT, "", administrator)
        with connect(build_login(database, administrator, read_secret(administrator.secret))) as connection:
            yield connection

    return open_server


def check_managed_server(
    host: Host, database: Database, address: DatabaseAddress, open_server: OpenServer, *, replication_user: str = ""
) -> tuple[dict[str, Any], list[Finding]]:
    """Return facts and findings of the managed server at the address that the application uses."""
    try:
        from cutover_site.existing.database import check_database
    except ModuleNotFoundError as error:
        what = f"the database cannot be checked, because the Python of this machine has no module {error.name}"
        return {}, [not_checked("database", what, "apt-get install python3-pymysql, then run check-source again")]
    try:
        with open_server(address) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
            return check_database(
                connection,
                host,
                replace(database, schemas=address.schemas),
                application_user=address.user,
                replication_user=replication_user,
                is_managed=True,
            )
    except SiteError as error:
        what = f"the managed database at {address.host} cannot be checked: {error.reason}"
        advice = error.next_action or (
            "let the firewall (RDS: the security group) accept this machine, correct the secret, and install the certificate authority of the"
            " service on this machine (RDS: the bundle of the region, by update-ca-certificates), then run this again"
        )
        return {}, [not_checked(CHECK, what, advice)]


def explain_local(address: DatabaseAddress) -> Finding:
    """Return the finding for a database that the application reaches on its own machine."""
    where = address.socket or address.host or "this machine"
    return stop(
        CHECK,
        f"the application's database is at {where}, which is no managed database",
        "run this without the option for a managed database",
    )
