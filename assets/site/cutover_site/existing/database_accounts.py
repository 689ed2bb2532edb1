"""Check the accounts of an existing database server: that of the application, and that of the replication."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pymysql
from applications.profile import Database

from cutover_site.database.connections import Connection, fetch_rows
from cutover_site.existing.findings import Finding, stop, warn

REPLICATION = ("REPLICATION SLAVE", "REPLICATION CLIENT")
"""privileges on *.* that AWS DMS needs"""
OTHER_NAMES = {"BINLOG MONITOR": "REPLICATION CLIENT", "REPLICATION REPLICA": "REPLICATION SLAVE"}
"""MariaDB's names since 10.5"""
_GRANT = re.compile(r"^GRANT (?P<privileges>.+?) ON (?P<scope>\S+) TO ", re.IGNORECASE)


def check_accounts(
    connection: Connection, database: Database, *, application_user: str, replication_user: str
) -> Iterator[Finding]:
    """Yield the findings. An empty name is not checked, which a warning states."""
    if application_user == "root":
        yield stop(
            "privileges",
            "the application connects to the database as root, which read_only does not hold",
            f"give it an account with all privileges on {', '.join(database.schemas)} only",
        )
    if replication_user:
        yield from _check_replication_user(connection, database, replication_user)
    else:
        yield warn(
            "replication-user",
            "the account that the replication connects with was not checked, because no --replication-user was given",
            "run check-source again with its name",
        )


def _check_replication_user(connection: Connection, database: Database, user: str) -> Iterator[Finding]:
    hosts = [str(host) for (host,) in fetch_rows(connection, "SELECT host FROM mysql.user WHERE user = %s", (user,))]
    schemas = (*database.schemas, "cutover")
    if not hosts:
        advice = f"CREATE USER, then GRANT {', '.join(REPLICATION)} ON *.* and SELECT on {' and '.join(schemas)}"
        yield stop("replication-user", f"the server has no account {user}", advice)
    for host in hosts:
        missing = sorted({*_list_missing(connection, user, host, database)})
        if missing:
            yield stop(
                "replication-user", f"the account '{user}'@'{host}' has no {', '.join(missing)}", "grant it these"
            )


def _list_missing(connection: Connection, user: str, host: str, database: Database) -> Iterator[str]:
    everywhere: set[str] = set()
    by_schema: dict[str, set[str]] = {}
    try:
        grants = fetch_rows(connection, "SHOW GRANTS FOR %s@%s", (user, host))
    except pymysql.err.MySQLError:
        grants = []
    for (grant,) in grants:
        found = _GRANT.match(str(grant))
        if not found:
            continue
        names = {name.strip().upper() for name in found["privileges"].split(",")}
        privileges = {OTHER_NAMES.get(name, name) for name in names}
        scope = found["scope"].replace("`", "").replace("\\_", "_")
        if scope == "*.*":
            everywhere |= privileges
        else:
            by_schema.setdefault(scope.partition(".")[0], set()).update(privileges)
    if "ALL PRIVILEGES" in everywhere:
        return
    yield from (f"{name} on *.*" for name in REPLICATION if name not in everywhere)
    for schema in database.schemas:
        if not {"SELECT", "ALL PRIVILEGES"} & (everywhere | by_schema.get(schema, set())):
            yield f"SELECT on {schema}"
