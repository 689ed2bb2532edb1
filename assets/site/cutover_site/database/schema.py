"""The target's schemas, made from the source's own DDL before replication starts: DMS would leave out AUTO_INCREMENT and indexes."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from cutover_site.database.connections import Connection, execute, quoted, rows
from cutover_site.database.digest import tables
from cutover_site.errors import SiteError
from cutover_site.layout import MARKER_SCHEMA, SCHEMA, SCRATCH_SCHEMA

LOG = logging.getLogger(__name__)
REPLICATED = (SCHEMA, MARKER_SCHEMA)
# MariaDB writes these where MySQL 8 does not know them, or the other way round; the value of AUTO_INCREMENT travels with the rows.
NOISE = re.compile(r"\s+(AUTO_INCREMENT=\d+|PAGE_CHECKSUM=\d+|STATS_PERSISTENT=\d+)")
DISPLAY_WIDTH = re.compile(r"\b(tinyint|smallint|mediumint|int|bigint)\(\d+\)")
SPACE = re.compile(r"\s+")


class SchemaDiffers(SiteError):
    """The target already has a table that is not like the source's."""


@dataclass(frozen=True)
class SchemaDump:
    """DDL per schema and table, as the server itself writes it."""

    schemas: dict[str, dict[str, str]]


def dump(connection: Connection) -> SchemaDump:
    """DDL of everything that is replicated. Raises SiteError when the source has no tables: nothing would be migrated."""
    found = {
        schema: {name: create_statement(connection, schema, name) for name in tables(connection, schema)}
        for schema in REPLICATED
    }
    for schema, statements in found.items():
        if not statements:
            raise SiteError(
                f"the source has no tables in schema {schema}",
                next_action="start Gogs once on the source; check the user's grants",
            )
    return SchemaDump(found)


def create_statement(connection: Connection, schema: str, table: str) -> str:
    return str(rows(connection, f"SHOW CREATE TABLE {quoted(schema)}.{quoted(table)}")[0][1])


def normal(statement: str) -> str:
    """The statement without what does not change what the table can hold."""
    return SPACE.sub(
        " ", DISPLAY_WIDTH.sub(r"\1", NOISE.sub("", statement)).replace("current_timestamp()", "CURRENT_TIMESTAMP")
    ).strip()


def load(connection: Connection, wanted: SchemaDump) -> list[str]:
    """Every table is there afterwards, empty if it was not. Answers those it made. Raises SchemaDiffers; never drops anything."""
    made: list[str] = []
    for schema in (*wanted.schemas, SCRATCH_SCHEMA):
        execute(
            connection,
            f"CREATE DATABASE IF NOT EXISTS {quoted(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        )
    for schema, statements in wanted.schemas.items():
        present = set(tables(connection, schema))
        execute(connection, f"USE {quoted(schema)}")
        for table, statement in statements.items():
            if table not in present:
                execute(connection, NOISE.sub("", statement))
                made.append(f"{schema}.{table}")
            elif (there := normal(create_statement(connection, schema, table))) != normal(statement):
                LOG.error("wanted: %s\nfound: %s", normal(statement), there)
                raise SchemaDiffers(
                    f"table {schema}.{table} on the target is not like the source's",
                    next_action=f"if nothing lives on the target yet, drop schema {schema} there and deploy again",
                )
        if extra := sorted(present - set(statements)):
            raise SchemaDiffers(f"schema {schema} on the target has tables that the source has not: {', '.join(extra)}")
    return made


def grant(connection: Connection, user: str, password: str) -> None:
    """The application's user, by TLS only: everything in its own schema and the scratch copy, reading the marker, nothing else."""
    execute(connection, "CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s", (user, password))
    execute(connection, "ALTER USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", (user, password))
    for schema in (SCHEMA, SCRATCH_SCHEMA):
        execute(connection, f"GRANT ALL PRIVILEGES ON {quoted(schema)}.* TO %s@'%%'", (user,))
    execute(connection, f"GRANT SELECT ON {quoted(MARKER_SCHEMA)}.* TO %s@'%%'", (user,))
