"""Collect the facts about the source's database server that preflight checks."""

from __future__ import annotations

from typing import Any

import pymysql
from applications.profile import Database

from cutover_site.database import cascades, managed_facts
from cutover_site.database.binlog_tool import find_tool
from cutover_site.database.collation_map import MYSQL_COLLATIONS, CollationMap
from cutover_site.database.connections import Connection, fetch_rows, fetch_value
from cutover_site.database.definer_routines import find_definer_routines
from cutover_site.database.description import describe, find_unreadable
from cutover_site.database.late_times import find_late_times
from cutover_site.database.log_encodings import find_log_encodings
from cutover_site.database.log_filters import find_unlogged
from cutover_site.database.obstacles import Findings, find_obstacles
from cutover_site.database.privileged import find_privileged
from cutover_site.database.products import MYSQL, Product, parse_product
from cutover_site.database.variables import read_binlog_retention_seconds, read_variable
from cutover_site.database.writers import find_other_servers, list_prepared_transactions
from cutover_site.errors import Refused
from cutover_site.layout import MARKER_SCHEMA

SETTINGS = (
    "version",
    "server_id",
    "log_bin",
    "binlog_format",
    "binlog_row_image",
    "read_only",
    "time_zone",
    "max_connections",
)
MAX_SENTENCES = 20
OLDEST_MYSQL = (5, 7, 8)
"""first release with super_read_only; without it root could go on writing"""
OLDEST_MARIADB = (10, 2, 7)
"""first release that shows defaults in a form that can be compared; AWS DMS supports 10.2 and later as a source"""


def read_managed_facts(connection: Connection, database: Database) -> dict[str, Any]:
    """Return the facts of a managed server: those of any server, and in `managed_problems` what it must fulfil beyond them.

    Raises Refused with these problems when its administrator may not read the facts.
    """
    problems = managed_facts.list_problems(connection, database)
    try:
        facts = read_source_facts(connection, database)
    except pymysql.err.MySQLError as error:
        raise Refused(
            f"the managed database server cannot be read ({error.args[-1]}): {'; '.join(problems) or 'no other problem is known'}",
            next_action="grant the administrator's account what it lacks, or name the master account's secret",
        ) from error
    return {**facts, "managed_problems": problems}


def read_source_facts(connection: Connection, database: Database) -> dict[str, Any]:
    """Return settings and contents. With a reason in `too_old` the contents are left out, because the server may not support the queries."""
    found: dict[str, Any] = {name: read_variable(connection, name) for name in SETTINGS}
    server = parse_product(str(found["version"]))
    found["log_encodings"] = find_log_encodings(connection)
    found["unlogged_schemas"] = find_unlogged(connection, (*database.schemas, MARKER_SCHEMA))
    found["binlog_retention_seconds"] = read_binlog_retention_seconds(connection)
    found["tables_without_primary_key"] = [
        str(name)
        for schema in (*database.schemas, MARKER_SCHEMA)
        for (name,) in fetch_rows(connection, _NO_KEY, (schema,))
    ]
    found["not_carried"] = [
        str(name) for schema in database.schemas for (name,) in fetch_rows(connection, _NOT_REPLICATED, (schema,) * 4)
    ]
    found["bytes"] = sum(int(fetch_value(connection, _BYTES, (schema,))) for schema in database.schemas)
    found["too_old"] = explain_too_old(server)
    if not found["too_old"]:
        found.update(_read_contents(connection, server, database))
    return found


def explain_too_old(server: Product) -> str:
    """Return why this server cannot be a source, empty when it can."""
    oldest = OLDEST_MYSQL if server.mysql else OLDEST_MARIADB
    if server.version >= oldest:
        return ""
    name = "MySQL" if server.mysql else "MariaDB"
    return f"{server.name} is too old to be frozen and compared: upgrade it to {name} {'.'.join(map(str, oldest))} or later"


def _read_contents(connection: Connection, server: Product, database: Database) -> dict[str, Any]:
    obstacles = Findings()
    collations = CollationMap(MYSQL_COLLATIONS)
    for schema in (*database.schemas, MARKER_SCHEMA):
        tables = describe(connection, schema)
        obstacles.add(find_obstacles(schema, tables, server, MYSQL))
        obstacles.refused += find_late_times(connection, schema, tables, server)
        obstacles.refused += find_unreadable(connection, schema, tables)
        for name, table in tables.items():
            collations.map_table(f"{schema}.{name}", table)
    obstacles.add(collations.list_findings(MYSQL))
    privileged = find_privileged(connection)
    tool = find_tool(server)
    return {
        "prepared_transactions": list_prepared_transactions(connection),
        "other_servers": find_other_servers(connection),
        "accounts_to_lock": [str(account) for account in privileged.lockable],
        "accounts_not_held": list(privileged.reasons),
        "definer_routines": _shorten(find_definer_routines(connection)),
        "cascades": [f"{parent} -> {child}" for parent, child in cascades.find_labelled_cascades(connection, database)],
        "target_refuses": _shorten(obstacles.refused),
        "target_changes": _shorten(obstacles.warnings),
        "binlog_tool": tool or "",
    }


def _shorten(sentences: list[str]) -> list[str]:
    """Return the sentences that fit into a result."""
    more = len(sentences) - MAX_SENTENCES
    return sentences[:MAX_SENTENCES] + ([f"and {more} more of this kind"] if more > 0 else [])


_NO_KEY = """
    SELECT CONCAT(t.table_schema, '.', t.table_name) FROM information_schema.tables t
    LEFT JOIN information_schema.table_constraints c
      ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'
    WHERE t.table_schema = %s AND t.table_type = 'BASE TABLE' AND c.constraint_name IS NULL
"""
_NOT_REPLICATED = """
    SELECT CONCAT('view ', table_name) FROM information_schema.views WHERE table_schema = %s
    UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = %s
    UNION ALL SELECT CONCAT('event ', event_name) FROM information_schema.events WHERE event_schema = %s
    UNION ALL SELECT CONCAT(LOWER(routine_type), ' ', routine_name) FROM information_schema.routines WHERE routine_schema = %s
"""
_BYTES = "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = %s"
