"""Foreign keys that change rows of another table by themselves. MySQL logs these rows, MariaDB does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from applications.profile import Database

from cutover_site.database.connections import Connection, rows

Cascade = tuple[str, str]
"""a table, and the one whose rows change with it"""


def find_cascades(connection: Connection, schema: str) -> list[Cascade]:
    query = """
        SELECT referenced_table_name, table_name FROM information_schema.referential_constraints
        WHERE constraint_schema = %s AND (delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR update_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))
    """
    return sorted({(str(parent), str(child)) for parent, child in rows(connection, query, (schema,))})


def find_labelled(connection: Connection, database: Database) -> list[Cascade]:
    """Return the foreign keys within each schema of the application, by the labels of their tables."""
    return [
        (database.label(schema, parent), database.label(schema, child))
        for schema in database.schemas
        for parent, child in find_cascades(connection, schema)
    ]


def affected(written: Collection[str], cascades: Iterable[Cascade]) -> set[str]:
    """Return which tables may have changed with those that were written, however many steps away."""
    cascades, found = list(cascades), set(written)
    while more := {child for parent, child in cascades if parent in found} - found:
        found |= more
    return found - set(written)


def children(cascades: Iterable[Cascade]) -> set[str]:
    return {child for _, child in cascades}
