"""Labels of tables in options and results: `table` in the primary schema, `schema.table` in the application's other schemas."""

from __future__ import annotations

from collections.abc import Iterable

from applications.profile import Database

from cutover_site.database.connections import Connection
from cutover_site.database.table_columns import list_tables

TablesBySchema = dict[str, dict[str, str]]
"""by schema, then by table: the table's label"""


def find_tables(connection: Connection, database: Database, labels: Iterable[str], schema: str = "") -> TablesBySchema:
    """Return the tables with these labels by schema; every table when there are no labels. `schema`: only its tables, labelled by name.

    Without labels the result has schemas without tables too.
    """
    if schema:
        return {schema: {name: name for name in labels or list_tables(connection, schema)}}
    if not labels:
        return {
            each: {name: database.format_label(each, name) for name in list_tables(connection, each)}
            for each in database.schemas
        }
    return group_by_schema(database, labels)


def group_by_schema(database: Database, labels: Iterable[str]) -> TablesBySchema:
    """Return the labelled tables by schema."""
    found: TablesBySchema = {}
    for label in labels:
        schema, table = database.parse_label(label)
        found.setdefault(schema, {})[table] = label
    return found
