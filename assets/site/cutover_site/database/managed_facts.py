"""Check what a managed database server must fulfil beyond any other, with the statements by which its owner corrects it.

Amazon RDS documents its procedures (`mysql.rds_…`) and its master account in "Using RDS for MySQL" and "Master user account privileges".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pymysql
from applications.profile import Database

from cutover_site.database import managed_freeze
from cutover_site.database.connections import Connection, fetch_rows, fetch_value
from cutover_site.database.variables import NO_PROCEDURE, read_binlog_retention_seconds
from cutover_site.layout import MARKER_SCHEMA

RETENTION_HOURS = 24
"""the least that AWS DMS needs"""
ADVISED_HOURS = 48
EVERYWHERE = ("PROCESS", "REPLICATION CLIENT", "REPLICATION SLAVE")
"""privileges on *.*: to see transactions, and to read the binary log"""
ON_SCHEMAS = ("SELECT", "ALTER")
"""to read the site's schemas, and to make them read-only"""
ON_MARKERS = ("SELECT", "INSERT", "CREATE", "DROP")
ALL = "ALL PRIVILEGES"
GRANT = re.compile(r"^GRANT (?P<privileges>.+?) ON (?P<scope>\S+\.\S+) TO ", re.IGNORECASE)


def list_problems(connection: Connection, database: Database) -> list[str]:
    """Return a sentence for each unmet assumption: what is wrong, a colon, and what to do."""
    return list(_list_problems(connection, database))


def _list_problems(connection: Connection, database: Database) -> Iterator[str]:
    if reason := managed_freeze.explain_unsupported(connection):
        yield f"{reason}: migrate it to Amazon RDS for MySQL 8.0.22 or later first, or to a server of its own"
        return
    for schema in managed_freeze.list_closed(connection, database.schemas):
        yield f"the schema {schema} is read-only: run {managed_freeze.format_opening([schema])}"
    yield from _check_retention(connection)
    yield from _check_privileges(connection, database)


def read_retention_hours(connection: Connection) -> tuple[bool, int | None]:
    """Return whether the server is of RDS, and for how many hours RDS keeps the binary log; None when it removes it as soon as it can."""
    try:
        found = {str(row[0]): row[1] for row in fetch_rows(connection, "CALL mysql.rds_show_configuration")}
    except pymysql.err.MySQLError as error:
        if error.args[0] != NO_PROCEDURE:
            raise
        return False, None
    hours = found.get("binlog retention hours")
    return True, None if hours in (None, "") else int(hours)


def _check_retention(connection: Connection) -> Iterator[str]:
    advice = f"CALL mysql.rds_set_configuration('binlog retention hours', {ADVISED_HOURS})"
    try:
        is_rds, hours = read_retention_hours(connection)
    except pymysql.err.MySQLError as error:
        yield f"how long RDS keeps the binary log is not known ({error.args[-1]}): let the administrator CALL mysql.rds_show_configuration"
        return
    if is_rds and (hours is None or hours < RETENTION_HOURS):
        kept = (
            "removes the binary log as soon as it can" if hours is None else f"keeps the binary log for {hours} hours"
        )
        yield f"RDS {kept}, {RETENTION_HOURS} hours are needed: {advice}"
    if is_rds:
        return
    seconds = read_binlog_retention_seconds(connection)
    if seconds is None or 0 < seconds < RETENTION_HOURS * 3600:
        kept = "for an unknown time" if seconds is None else f"for {seconds} s"
        yield (
            f"the binary log is kept {kept}, {RETENTION_HOURS * 3600} s are needed:"
            f" set binlog_expire_logs_seconds = {ADVISED_HOURS * 3600} in the parameters of the managed server"
        )


def _check_privileges(connection: Connection, database: Database) -> Iterator[str]:
    missing = find_missing_privileges(list_grants(connection), database.schemas)
    if missing:
        yield f"the administrator's account has no {', '.join(missing)}: grant it these, or name the master account's secret"


def list_grants(connection: Connection) -> list[str]:
    """Return the grants of the connection's account, with those of its active roles (RDS: rds_superuser_role)."""
    roles = str(fetch_value(connection, "SELECT CURRENT_ROLE()"))  # in the form that USING takes
    using = "" if roles == "NONE" else f" USING {roles}"
    return [str(grant) for (grant,) in fetch_rows(connection, f"SHOW GRANTS FOR CURRENT_USER(){using}")]


def find_missing_privileges(grants: Sequence[str], schemas: Sequence[str]) -> list[str]:
    """Return the privileges that the freeze needs and these lines of SHOW GRANTS do not have. Pure."""
    by_scope: dict[str, set[str]] = {}
    for grant in grants:
        if found := GRANT.match(grant):
            names = {name.strip().upper() for name in found["privileges"].split(",")}
            scope = found["scope"].replace("`", "").replace("\\_", "_")
            by_scope.setdefault(scope, set()).update(names)
    everywhere = by_scope.get("*.*", set())
    wanted = [
        ("*.*", EVERYWHERE),
        *((f"{schema}.*", ON_SCHEMAS) for schema in schemas),
        (f"{MARKER_SCHEMA}.*", ON_MARKERS),
    ]
    return [
        f"{name} on {scope}"
        for scope, names in wanted
        for name in names
        if not {name, ALL} & (everywhere | by_scope.get(scope, set()))
    ]
