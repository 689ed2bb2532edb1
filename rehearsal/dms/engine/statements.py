"""SQL for changes on the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rehearsal.dms.engine.databases import Connection
from rehearsal.dms.engine.tables import Table, quote, quote_full_name

Sql = tuple[str, list[Any]]


def insert(table: Table, into: tuple[str, str], rows: Sequence[Sequence[Any]], *, replace: bool = False) -> Sql:
    """Return the statement that inserts several rows of one table. `replace` replaces existing rows."""
    names = ", ".join(quote(table.columns[number].name) for number in table.written)
    marks = f"({', '.join(['%s'] * len(table.written))})"
    verb = "REPLACE" if replace else "INSERT"
    text = f"{verb} INTO {quote_full_name(into)} ({names}) VALUES {', '.join([marks] * len(rows))}"
    return text, [row[number] for row in rows for number in table.written]


def update(table: Table, into: tuple[str, str], before: Sequence[Any], after: Sequence[Any]) -> Sql | None:
    """Return the statement that updates only changed columns; None when none changed."""
    changed = [number for number in table.written if before[number] != after[number]]
    if not changed:
        return None
    where, arguments = build_condition(table, before)
    sets = ", ".join(f"{quote(table.columns[number].name)} = %s" for number in changed)
    return (
        f"UPDATE {quote_full_name(into)} SET {sets} WHERE {where}{_render_limit(table)}",
        [after[number] for number in changed] + arguments,
    )


def delete(table: Table, into: tuple[str, str], before: Sequence[Any]) -> Sql:
    """Return the statement that deletes the row."""
    where, arguments = build_condition(table, before)
    return f"DELETE FROM {quote_full_name(into)} WHERE {where}{_render_limit(table)}", arguments


def build_condition(table: Table, row: Sequence[Any]) -> Sql:
    """Select the row by its primary key; without one, by all that can be compared."""
    if table.key:
        return " AND ".join(f"{quote(name)} = %s" for name in table.key), [row[n] for n in table.key_positions]
    chosen = [number for number in table.written if not table.columns[number].lob]
    return " AND ".join(f"{quote(table.columns[n].name)} <=> %s" for n in chosen), [row[n] for n in chosen]


def _render_limit(table: Table) -> str:
    return "" if table.key else " LIMIT 1"


def render_literal(connection: Connection, sql: Sql) -> str:
    """Return the statement with its arguments in it."""
    with connection.cursor() as cursor:
        return str(cursor.mogrify(*sql))


def run_all(connection: Connection, texts: Sequence[str]) -> Iterator[int]:
    """Send all at once; yields the number of rows of each.

    Raises the error of the first that fails, when it comes to it: those after it are not run.
    """
    with connection.cursor() as cursor:
        cursor.execute("; ".join(texts))
        for number in range(len(texts)):
            if number:
                cursor.nextset()
            yield cursor.rowcount
