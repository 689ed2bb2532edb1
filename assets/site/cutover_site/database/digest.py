"""Digests of whole tables, computed by the server itself in chunks of the primary key.

The server hashes each row (SHA-256) and returns the first half of each hash, for a whole chunk in one string. This module combines them by
XOR, so the digest depends neither on the order of rows nor on the chunks. If the server did that too, it would write every hash into a
temporary table and convert it to numbers, which takes longer than the hashing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pymysql

from cutover_site.database.collations import normalize
from cutover_site.database.columns import (
    Column,
    build_key_condition,
    build_row_hash,
    list_key_arguments,
    select_key_columns,
)
from cutover_site.database.connections import Connection, execute, fetch_rows, quote_identifier
from cutover_site.errors import NotChecked

CHUNK_ROWS = 20_000
"""a statement over so many rows takes well under a second, so no time limit ends it, and its hashes fit into the smallest usual packet"""
HASH_DIGITS = 32
"""hexadecimal digits of each row's hash that are returned: 128 bits"""
SEPARATOR, NULL, HASHED = ("CAST(x'FF' AS BINARY)", "CAST(x'FE' AS BINARY)", "CAST(x'FD' AS BINARY)")
"""Bytes that never occur in UTF-8: between two values, for NULL, before the hash of a large value. Without CAST a literal would count as text."""
INTEGER_TYPES = {"tinyint", "smallint", "mediumint", "int", "bigint"}
SHORT_TEXT_TYPES = {"char", "varchar", "tinytext", "text"}
"""with values of at most 64 KB"""
LONG_TEXT_TYPES = {"mediumtext", "longtext", "json"}
"""json is a type of MySQL; in MariaDB it is longtext"""
MAX_PLAIN_BYTES = 65_535
"""a longer value counts by its hash, because a whole row must fit into the server's max_allowed_packet"""


KeyRange = tuple[int, int]
"""the first and the last value of a key, both included"""
EVERYWHERE: Mapping[str, Sequence[KeyRange]] = MappingProxyType({})
"""no table is limited to ranges"""


@dataclass(frozen=True)
class TableDigest:
    """Digest and number of rows of one table, and how long they took."""

    rows: int
    digest: str
    seconds: float


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
    query = "SELECT table_name, column_name, LOWER(data_type) FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
    found = [
        Column(name, str(kind), keys.get(name, 0)) for name, kind in _select_of_table(connection, query, schema, table)
    ]
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


def _select_of_table(connection: Connection, query: str, schema: str, table: str) -> list[tuple[str, Any]]:
    """Query information_schema. Return name and value for exactly this table, because MariaDB ignores the case of names there."""
    return [(str(row[1]), row[2]) for row in fetch_rows(connection, query, (schema, table)) if row[0] == table]


def build_short_hash(columns: Iterable[Column], plain: Collection[str]) -> str:
    """Return the SQL expression of a row's hash (HASH_DIGITS digits). It is NULL when a value of the row is too large to be read.

    Integers and texts are joined as they are, all other values count by `columns.build_row_hash`. The choice depends on the type only,
    because a column may have another character set on the other server. `plain`: see `list_plain_columns`.
    """
    joined, others, guards = [], [], []
    for column in columns:
        text = quote_identifier(column.name)
        if column.kind in INTEGER_TYPES:
            joined.append(f"IFNULL({text if column.name in plain else f'{text} + 0'}, {NULL})")
        elif column.kind in SHORT_TEXT_TYPES | LONG_TEXT_TYPES:
            if column.name not in plain:
                # The conversion returns NULL when its result is too large. That must not count as the value NULL.
                converted = f"CAST(CONVERT({text} USING utf8mb4) AS BINARY)"
                guards.append(f"IF({text} IS NULL, '', LEFT({converted}, 0))")
                text = converted
            whole = f"IFNULL({text}, {NULL})"
            large = f"IF(LENGTH({text}) > {MAX_PLAIN_BYTES}, CONCAT({HASHED}, SHA2({text}, 256)), {whole})"
            joined.append(large if column.kind in LONG_TEXT_TYPES else whole)
        else:
            others.append(column)
    if others:
        guards.append(build_row_hash(others))
    row = ", ".join([*([f"CONCAT_WS({', '.join([SEPARATOR, *joined])})"] if joined else []), *guards])
    return f"LEFT(SHA2({f'CONCAT({row})' if guards else row}, 256), {HASH_DIGITS})"


def combine_hashes(hashes: str) -> int:
    """Return the XOR of all hashes in a string of hashes. Halves the string repeatedly: Python combines long numbers as fast as short ones."""
    number, count = int(hashes or "0", 16), len(hashes) // HASH_DIGITS
    while count > 1:
        count = (count + 1) // 2
        number = (number >> count * HASH_DIGITS * 4) ^ (number & ((1 << count * HASH_DIGITS * 4) - 1))
    return number


def digest_tables(
    connection: Connection,
    schema: str,
    names: Iterable[str],
    size: int = CHUNK_ROWS,
    key_ranges: Mapping[str, Sequence[KeyRange]] = EVERYWHERE,
) -> dict[str, TableDigest]:
    """Return the digest of each named table, all from one consistent snapshot. `size`: rows of a chunk.

    `key_ranges`: key ranges by table. The digest of such a table covers only the rows in its ranges.
    Raises NotChecked when a table, or a row of it, could not be read.
    """
    execute(connection, f"SET SESSION group_concat_max_len = {size * HASH_DIGITS}")
    execute(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    execute(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    try:
        return {name: _digest_table(connection, schema, name, size, key_ranges.get(name)) for name in names}
    except pymysql.err.MySQLError as error:
        raise NotChecked(f"schema {schema} cannot be compared: {error}") from error
    finally:
        execute(connection, "COMMIT")


@dataclass(frozen=True)
class ComparableTable:
    """A table whose rows can be identified and hashed."""

    name_sql: str
    keys: list[Column]
    hash_sql: str
    """the row's short hash"""

    @property
    def keys_sql(self) -> str:
        """Return the columns of the key, by which rows are ordered."""
        return ", ".join(column.order_sql for column in self.keys)


@dataclass(frozen=True)
class Chunk:
    """A part of a table: a condition of SQL and its arguments."""

    condition: str
    arguments: tuple[object, ...]


WHOLE_TABLE = Chunk("TRUE", ())


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


def prepare_comparison(
    connection: Connection, schema: str, table: str, by_code_point: Collection[str] = frozenset()
) -> ComparableTable:
    """Return the parts of SQL that read and hash the rows of a table. `by_code_point`: columns of the key that the other server orders differently.

    Raises NotChecked when it does not exist or has no primary key.
    """
    described = [
        replace(column, by_code_point=column.name in by_code_point)
        for column in list_columns(connection, schema, table)
    ]
    keys = select_key_columns(described)
    if not described:
        raise NotChecked(f"table {schema}.{table} does not exist, or its columns cannot be seen")
    if not keys:
        raise NotChecked(f"table {schema}.{table} has no primary key: its rows cannot be identified")
    try:
        hash_sql = build_short_hash(described, list_plain_columns(connection, schema, table))
    except NotChecked as error:
        raise NotChecked(f"table {schema}.{table}: {error.reason}") from error
    return ComparableTable(f"{quote_identifier(schema)}.{quote_identifier(table)}", keys, hash_sql)


def iterate_chunks(
    connection: Connection, table: ComparableTable, size: int, key_range: KeyRange | None = None
) -> Iterator[Chunk]:
    """Yield the chunks of a table in the order of its key. Together they cover every possible key. Queries the end of each chunk on demand.

    `key_range`: only this range of a table whose key is one column.
    """
    first = WHOLE_TABLE if key_range is None else Chunk(f"{table.keys_sql} BETWEEN %s AND %s", key_range)
    bound: tuple[object, ...] | None = None
    while True:
        rest = first
        if bound is not None:
            rest = Chunk(
                f"{first.condition} AND {build_key_condition(table.keys, inclusive_end=False)}",
                (*first.arguments, *list_key_arguments(bound)),
            )
        last = fetch_rows(
            connection,
            f"SELECT {table.keys_sql} FROM {table.name_sql} WHERE {rest.condition} ORDER BY {table.keys_sql} LIMIT 1 OFFSET {size - 1}",
            rest.arguments,
        )
        if not last:
            yield rest
            return
        end = tuple(last[0])
        yield Chunk(
            f"{rest.condition} AND {build_key_condition(table.keys, inclusive_end=True)}",
            (*rest.arguments, *list_key_arguments(end)),
        )
        bound = end


def digest_chunk(connection: Connection, table: ComparableTable, chunk: Chunk) -> tuple[int, int]:
    """Return the number of rows and the XOR of their hashes. Raises NotChecked for a row that is too large to be read.

    The session's `group_concat_max_len` must have room for all hashes of the chunk.
    """
    select = (
        f"SELECT COUNT(*), GROUP_CONCAT({table.hash_sql} SEPARATOR '') FROM {table.name_sql} WHERE {chunk.condition}"
    )
    count, hashes = fetch_rows(connection, select, chunk.arguments)[0]
    missing = int(count) - len(hashes or "") // HASH_DIGITS
    if missing:
        raise NotChecked(f"{missing} rows of {table.name_sql.replace('`', '')} are too large to be compared")
    return int(count), combine_hashes(hashes or "")


def _digest_table(
    connection: Connection, schema: str, name: str, size: int, key_ranges: Sequence[KeyRange] | None
) -> TableDigest:
    began = time.monotonic()
    table = prepare_comparison(connection, schema, name)
    if key_ranges is not None and len(table.keys) != 1:
        raise NotChecked(
            f"table {schema}.{name} has a key of several columns: its rows cannot be compared by ranges of it"
        )
    total, digest = 0, 0
    for key_range in key_ranges if key_ranges is not None else (None,):
        for chunk in iterate_chunks(connection, table, size, key_range):
            count, part = digest_chunk(connection, table, chunk)
            total, digest = total + count, digest ^ part
    return TableDigest(rows=total, digest=f"{digest:032x}", seconds=round(time.monotonic() - began, 3))
