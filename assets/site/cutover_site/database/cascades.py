"""Foreign keys by which a change in one table changes rows of another. MariaDB does not log these rows, and MySQL only since 9.6."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from applications.profile import Database

from cutover_site.database.connections import Connection, fetch_rows

Cascade = tuple[str, str]
"""a table, and the table whose rows change with it"""


def find_cascades(connection: Connection, schema: str) -> list[Cascade]:
    """Return the foreign keys of a schema that cascade."""
    query = """
        SELECT referenced_table_name, table_name FROM information_schema.referential_constraints
        WHERE constraint_schema = %s AND (delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR update_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))
    """
    return sorted({(str(parent), str(child)) for parent, child in fetch_rows(connection, query, (schema,))})


def find_labelled_cascades(connection: Connection, database: Database) -> list[Cascade]:
    """Return the foreign keys that cascade, within each schema of the application, by the labels of their tables."""
    return [
        (database.format_label(schema, parent), database.format_label(schema, child))
        for schema in database.schemas
        for parent, child in find_cascades(connection, schema)
    ]


def find_affected(written: Collection[str], cascades: Iterable[Cascade]) -> set[str]:
    """Return the tables that may have changed because others were written, over any number of cascades."""
    cascades, found = list(cascades), set(written)
    while more := {child for parent, child in cascades if parent in found} - found:
        found |= more
    return found - set(written)


def list_children(cascades: Iterable[Cascade]) -> set[str]:
    """Return all tables that change with another one."""
    return {child for _, child in cascades}
