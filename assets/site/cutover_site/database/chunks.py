"""Read a table in chunks of its primary key, and digest each chunk."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from cutover_site.database.columns import Column, build_key_condition, list_key_arguments, select_key_columns
from cutover_site.database.connections import Connection, fetch_rows, quote_identifier
from cutover_site.database.short_hash import HASH_DIGITS, build_short_hash, combine_hashes
from cutover_site.database.table_columns import list_columns, list_plain_columns
from cutover_site.errors import NotChecked

KeyRange = tuple[int, int]
"""the first and the last value of a key, both included"""


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


def prepare_comparison(
    connection: Connection, schema: str, table: str, by_code_point: Collection[str] = frozenset()
) -> ComparableTable:
    """Return the SQL with which the table is read. `by_code_point`: columns of the key that the other server orders differently.

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
    """Yield chunks in the order of the key, without a gap, from before the first row to after the last. Finds each when it is needed.

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
