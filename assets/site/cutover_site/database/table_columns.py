"""List the tables of a schema and their columns, so that both servers give the same names in the same order."""

from __future__ import annotations

from typing import Any

from cutover_site.database.collations import normalize
from cutover_site.database.columns import Column, select_key_columns
from cutover_site.database.connections import Connection, fetch_rows


def list_tables(connection: Connection, schema: str) -> list[str]:
    """Return the names of the schema's tables, sorted by code point, because servers sort names differently (`_` before or after letters)."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'"
    return sorted(str(name) for (name,) in fetch_rows(connection, query, (schema,)))


def list_columns(connection: Connection, schema: str, table: str) -> list[Column]:
    """Return the table's columns, sorted by code point of their names, because two servers may order and sort them differently."""
    key_query = """
        SELECT table_name, column_name, ordinal_position FROM information_schema.key_column_usage
        WHERE table_schema = %s AND table_name = %s AND constraint_name = 'PRIMARY'
    """
    keys = {name: int(key) for name, key in _select_of_table(connection, key_query, schema, table)}
    query = """
        SELECT table_name, column_name, CONCAT(LOWER(data_type), ' ', is_nullable) FROM information_schema.columns
        WHERE table_schema = %s AND table_name = %s
    """
    found = []
    for name, described in _select_of_table(connection, query, schema, table):
        kind, nullable = str(described).rsplit(" ", 1)
        found.append(Column(name, kind, keys.get(name, 0), is_nullable=nullable != "NO"))
    return sorted(found, key=lambda column: column.name)


def list_plain_columns(connection: Connection, schema: str, table: str) -> set[str]:
    """Return the names of columns whose values need no conversion: integers without zero fill, text in utf8mb4."""
    query = """
        SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
        AND (character_set_name = 'utf8mb4' OR (character_set_name IS NULL AND column_type NOT LIKE '%%zerofill%%'))
    """
    return {name for name, kind in _select_of_table(connection, query, schema, table) if str(kind).lower() != "json"}


def list_generated_columns(connection: Connection, schema: str, table: str) -> set[str]:
    """Return the names of columns that the server computes, and that accept no value."""
    query = """
        SELECT table_name, column_name, extra FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
        AND (extra LIKE '%%VIRTUAL%%' OR extra LIKE '%%STORED%%' OR extra LIKE '%%PERSISTENT%%')
    """
    return {name for name, _ in _select_of_table(connection, query, schema, table)}


def read_key_collations(connection: Connection, schema: str, table: str) -> dict[str, str]:
    """Return the collation of each text column of the primary key."""
    keys = {column.name for column in select_key_columns(list_columns(connection, schema, table))}
    query = """
        SELECT table_name, column_name, collation_name FROM information_schema.columns
        WHERE table_schema = %s AND table_name = %s AND collation_name IS NOT NULL
    """
    return {
        name: normalize(str(collation))
        for name, collation in _select_of_table(connection, query, schema, table)
        if name in keys
    }


def _select_of_table(connection: Connection, query: str, schema: str, table: str) -> list[tuple[str, Any]]:
    """Return name and value of the rows of exactly this table. MariaDB ignores case when it compares names in information_schema."""
    return [(str(row[1]), row[2]) for row in fetch_rows(connection, query, (schema, table)) if row[0] == table]
