"""Digests of whole tables, computed by the server itself in chunks of the primary key."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import pymysql

from cutover_site.database.columns import Column, after, aggregates, arguments, key_columns
from cutover_site.database.connections import Connection, execute, quoted, rows
from cutover_site.errors import NotChecked

CHUNK = 20_000
"""rows: a statement takes well under a second, so no server's time limit ends it"""


@dataclass(frozen=True)
class TableDigest:
    rows: int
    digest: str
    seconds: float


def tables(connection: Connection, schema: str) -> list[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE' ORDER BY table_name"
    return [str(name) for (name,) in rows(connection, query, (schema,))]


def columns(connection: Connection, schema: str, table: str) -> list[Column]:
    """In alphabetical order: the physical order may differ between two servers."""
    query = """
        SELECT c.column_name, LOWER(c.data_type), COALESCE(k.ordinal_position, 0) FROM information_schema.columns c
        LEFT JOIN information_schema.key_column_usage k
          ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
        WHERE c.table_schema = %s AND c.table_name = %s ORDER BY c.column_name
    """
    return [Column(str(name), str(kind), int(key)) for name, kind, key in rows(connection, query, (schema, table))]


def digest_tables(
    connection: Connection, schema: str, names: Iterable[str], chunk: int = CHUNK
) -> dict[str, TableDigest]:
    """Each named table as it is at one moment. Raises NotChecked when a table, or a row of it, could not be read."""
    execute(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    execute(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    try:
        return {name: _digest(connection, schema, name, chunk) for name in names}
    except pymysql.err.MySQLError as error:
        raise NotChecked(f"schema {schema} cannot be compared: {error}") from error
    finally:
        execute(connection, "COMMIT")


def _digest(connection: Connection, schema: str, table: str, chunk: int) -> TableDigest:
    began = time.monotonic()
    described = columns(connection, schema, table)
    keys = key_columns(described)
    if not described:
        raise NotChecked(f"table {schema}.{table} does not exist, or its columns cannot be seen")
    if not keys:
        raise NotChecked(f"table {schema}.{table} has no primary key: its rows cannot be told apart")
    place = f"{quoted(schema)}.{quoted(table)}"
    select = "SELECT " + aggregates(described)
    key_list = ", ".join(quoted(column.name) for column in keys)
    total, high, low = 0, 0, 0
    bound: tuple[object, ...] | None = None
    while True:
        start = f"WHERE {after(keys, inclusive_end=False)}" if bound is not None else ""
        given = arguments(bound) if bound is not None else ()
        last = rows(
            connection, f"SELECT {key_list} FROM {place} {start} ORDER BY {key_list} LIMIT 1 OFFSET {chunk - 1}", given
        )
        end = tuple(last[0]) if last else None
        clauses = [after(keys, inclusive_end=False)] if bound is not None else []
        if end is not None:
            clauses.append(after(keys, inclusive_end=True))
            given = (*given, *arguments(end))
        query = select.replace("{table}", place).replace("{range}", " AND ".join(clauses) or "TRUE")
        count, hashed, first, second = rows(connection, query, given)[0]
        if count != hashed:
            raise NotChecked(f"{int(count) - int(hashed)} rows of {schema}.{table} are too large to be compared")
        total, high, low = total + int(count), high ^ int(first), low ^ int(second)
        if end is None:
            return TableDigest(rows=total, digest=f"{high:016x}{low:016x}", seconds=round(time.monotonic() - began, 3))
        bound = end
