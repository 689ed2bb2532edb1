"""Digests of whole tables, computed by the server itself in chunks of the primary key.

The server hashes each row (SHA-256) and answers the first half of each hash, all of a chunk in one string; here they become one number
by XOR, so the digest does not depend on order or chunks. Letting the server do that too would write every hash into a temporary table
and turn it into numbers there, which takes longer than the hashing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pymysql

from cutover_site.database.collations import canonical
from cutover_site.database.columns import Column, after, arguments, key_columns, row_hash
from cutover_site.database.connections import Connection, execute, quoted, rows
from cutover_site.errors import NotChecked

CHUNK = 20_000
"""rows: a statement takes well under a second, so no server's time limit ends it, and its hashes fit into the smallest usual packet"""
HEX = 32
"""digits answered of each row's hash: 128 bits"""
BETWEEN, NULL, HASHED = ("CAST(x'FF' AS BINARY)", "CAST(x'FE' AS BINARY)", "CAST(x'FD' AS BINARY)")
"""Bytes that occur in no UTF-8 text: between two values, for NULL, before the hash of a large one. CAST: a bare literal would be read as text."""
INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}
TEXTS = {"char", "varchar", "tinytext", "text"}
"""at most 64 KB each"""
LARGE_TEXTS = {"mediumtext", "longtext", "json"}
"""json: MySQL's type, which is longtext in MariaDB"""
LARGE = 65_535
"""bytes above which such a value counts by its hash: a whole row must fit into the server's max_allowed_packet"""


Span = tuple[int, int]
"""the first and the last value of a key, both included"""
Spans = Sequence[Span]
EVERYTHING: Mapping[str, Spans] = MappingProxyType({})


@dataclass(frozen=True)
class TableDigest:
    rows: int
    digest: str
    seconds: float


def tables(connection: Connection, schema: str) -> list[str]:
    """Return the names of the schema's tables, by code point. The servers sort names differently (`_` before or after the letters)."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'"
    return sorted(str(name) for (name,) in rows(connection, query, (schema,)))


def columns(connection: Connection, schema: str, table: str) -> list[Column]:
    """Return the table's columns, by code point of their names: order and sort order may differ between two servers."""
    key_query = """
        SELECT table_name, column_name, ordinal_position FROM information_schema.key_column_usage
        WHERE table_schema = %s AND table_name = %s AND constraint_name = 'PRIMARY'
    """
    keys = {name: int(key) for name, key in _of_table(connection, key_query, schema, table)}
    query = "SELECT table_name, column_name, LOWER(data_type) FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
    found = [Column(name, str(kind), keys.get(name, 0)) for name, kind in _of_table(connection, query, schema, table)]
    return sorted(found, key=lambda column: column.name)


def plain(connection: Connection, schema: str, table: str) -> set[str]:
    """Return names of columns that the server writes as they are: integers without zero fill, text that is UTF-8 already."""
    query = """
        SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
        AND (character_set_name = 'utf8mb4' OR (character_set_name IS NULL AND column_type NOT LIKE '%%zerofill%%'))
    """
    return {name for name, kind in _of_table(connection, query, schema, table) if str(kind).lower() != "json"}


def generated_columns(connection: Connection, schema: str, table: str) -> set[str]:
    """Return the columns that the server computes, and that take no value."""
    query = """
        SELECT table_name, column_name, extra FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
        AND (extra LIKE '%%VIRTUAL%%' OR extra LIKE '%%STORED%%' OR extra LIKE '%%PERSISTENT%%')
    """
    return {name for name, _ in _of_table(connection, query, schema, table)}


def _of_table(connection: Connection, query: str, schema: str, table: str) -> list[tuple[str, Any]]:
    """Return name and value of rows that begin with the table's name. MariaDB compares names in information_schema without regard to case."""
    return [(str(row[1]), row[2]) for row in rows(connection, query, (schema, table)) if row[0] == table]


def short_hash(columns: Iterable[Column], plain: Collection[str]) -> str:
    """HEX digits that depend on the row's values alone; NULL when one is too large to be read.

    Integers and texts are joined as they are, everything else counts by `row_hash`. Which of the two depends on the type alone: a column
    may have another character set on the other server.
    """
    joined, others, guards = [], [], []
    for column in columns:
        text = quoted(column.name)
        if column.kind in INTEGERS:
            joined.append(f"IFNULL({text if column.name in plain else f'{text} + 0'}, {NULL})")
        elif column.kind in TEXTS | LARGE_TEXTS:
            if column.name not in plain:
                # NULL when the result is too large, unlike the value: that must not pass for a value that is NULL.
                converted = f"CAST(CONVERT({text} USING utf8mb4) AS BINARY)"
                guards.append(f"IF({text} IS NULL, '', LEFT({converted}, 0))")
                text = converted
            whole = f"IFNULL({text}, {NULL})"
            large = f"IF(LENGTH({text}) > {LARGE}, CONCAT({HASHED}, SHA2({text}, 256)), {whole})"
            joined.append(large if column.kind in LARGE_TEXTS else whole)
        else:
            others.append(column)
    if others:
        guards.append(row_hash(others))
    row = ", ".join([*([f"CONCAT_WS({', '.join([BETWEEN, *joined])})"] if joined else []), *guards])
    return f"LEFT(SHA2({f'CONCAT({row})' if guards else row}, 256), {HEX})"


def xor(hashes: str) -> int:
    """All the hashes in one number, folded in halves: a number of many digits is as quick as a short one."""
    number, count = int(hashes or "0", 16), len(hashes) // HEX
    while count > 1:
        count = (count + 1) // 2
        number = (number >> count * HEX * 4) ^ (number & ((1 << count * HEX * 4) - 1))
    return number


def digest_tables(
    connection: Connection,
    schema: str,
    names: Iterable[str],
    chunk: int = CHUNK,
    within: Mapping[str, Spans] = EVERYTHING,
) -> dict[str, TableDigest]:
    """Each named table as it is at one moment. Of the tables in `within` only the rows whose key is in one of the spans.

    Raises NotChecked when a table, or a row of it, could not be read.
    """
    execute(connection, f"SET SESSION group_concat_max_len = {chunk * HEX}")
    execute(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    execute(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    try:
        return {name: _digest(connection, schema, name, chunk, within.get(name)) for name in names}
    except pymysql.err.MySQLError as error:
        raise NotChecked(f"schema {schema} cannot be compared: {error}") from error
    finally:
        execute(connection, "COMMIT")


@dataclass(frozen=True)
class Readable:
    """A table whose rows can be hashed and told apart."""

    place: str
    keys: list[Column]
    one: str
    """SQL: the row's short hash"""

    @property
    def key_list(self) -> str:
        return ", ".join(column.ordered for column in self.keys)


@dataclass(frozen=True)
class Chunk:
    condition: str
    arguments: tuple[object, ...]


WHOLE = Chunk("TRUE", ())


def key_collations(connection: Connection, schema: str, table: str) -> dict[str, str]:
    """Return the collation of each text column of the primary key."""
    keys = {column.name for column in key_columns(columns(connection, schema, table))}
    query = """
        SELECT table_name, column_name, collation_name FROM information_schema.columns
        WHERE table_schema = %s AND table_name = %s AND collation_name IS NOT NULL
    """
    return {name: canonical(str(one)) for name, one in _of_table(connection, query, schema, table) if name in keys}


def readable(connection: Connection, schema: str, table: str, by_code_point: Collection[str] = frozenset()) -> Readable:
    """Return how the table is read. `by_code_point`: columns of the key that the other server orders differently.

    Raises NotChecked when it does not exist or has no primary key.
    """
    described = [
        replace(column, by_code_point=column.name in by_code_point) for column in columns(connection, schema, table)
    ]
    keys = key_columns(described)
    if not described:
        raise NotChecked(f"table {schema}.{table} does not exist, or its columns cannot be seen")
    if not keys:
        raise NotChecked(f"table {schema}.{table} has no primary key: its rows cannot be told apart")
    try:
        one = short_hash(described, plain(connection, schema, table))
    except NotChecked as error:
        raise NotChecked(f"table {schema}.{table}: {error.reason}") from error
    return Readable(f"{quoted(schema)}.{quoted(table)}", keys, one)


def chunks(connection: Connection, table: Readable, size: int, span: Span | None = None) -> Iterator[Chunk]:
    """In the order of the key, without a gap: from before the first row to after the last. Each is looked for when it is asked for.

    `span`: of a table with one key column, only from its first value to its last.
    """
    first = WHOLE if span is None else Chunk(f"{table.key_list} BETWEEN %s AND %s", span)
    bound: tuple[object, ...] | None = None
    while True:
        rest = first
        if bound is not None:
            rest = Chunk(
                f"{first.condition} AND {after(table.keys, inclusive_end=False)}", (*first.arguments, *arguments(bound))
            )
        last = rows(
            connection,
            f"SELECT {table.key_list} FROM {table.place} WHERE {rest.condition} ORDER BY {table.key_list} LIMIT 1 OFFSET {size - 1}",
            rest.arguments,
        )
        if not last:
            yield rest
            return
        end = tuple(last[0])
        yield Chunk(f"{rest.condition} AND {after(table.keys, inclusive_end=True)}", (*rest.arguments, *arguments(end)))
        bound = end


def digest_chunk(connection: Connection, table: Readable, chunk: Chunk) -> tuple[int, int]:
    """How many rows, and the XOR of their hashes. Needs `group_concat_max_len` for that many. Raises NotChecked for a row it cannot read."""
    select = f"SELECT COUNT(*), GROUP_CONCAT({table.one} SEPARATOR '') FROM {table.place} WHERE {chunk.condition}"
    count, hashes = rows(connection, select, chunk.arguments)[0]
    missing = int(count) - len(hashes or "") // HEX
    if missing:
        raise NotChecked(f"{missing} rows of {table.place.replace('`', '')} are too large to be compared")
    return int(count), xor(hashes or "")


def _digest(connection: Connection, schema: str, name: str, size: int, within: Spans | None) -> TableDigest:
    began = time.monotonic()
    table = readable(connection, schema, name)
    if within is not None and len(table.keys) != 1:
        raise NotChecked(
            f"table {schema}.{name} has a key of several columns: its rows cannot be compared by ranges of it"
        )
    total, digest = 0, 0
    for span in within if within is not None else (None,):
        for chunk in chunks(connection, table, size, span):
            count, part = digest_chunk(connection, table, chunk)
            total, digest = total + count, digest ^ part
    return TableDigest(rows=total, digest=f"{digest:032x}", seconds=round(time.monotonic() - began, 3))
