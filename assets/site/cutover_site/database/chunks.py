"""Describe how a table is compared, and digest one chunk of it. `chunk_finder` finds the chunks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from cutover_site.database.columns import Column, select_key_columns
from cutover_site.database.connections import Connection, fetch_rows, quote_identifier
from cutover_site.database.short_hash import HASH_DIGITS, INTEGER_TYPES, build_short_hash, combine_hashes
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

    @property
    def has_integer_key(self) -> bool:
        """Return whether the key is one whole number, so that so many keys hold at most as many rows."""
        return len(self.keys) == 1 and self.keys[0].kind in INTEGER_TYPES


@dataclass(frozen=True)
class Chunk:
    """A part of a table: a condition of SQL and its arguments."""

    condition: str
    arguments: tuple[object, ...]
    is_counted: bool = False
    """its bounds were computed and not read from the table: it may hold few rows"""


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


def digest_chunk(connection: Connection, table: ComparableTable, chunk: Chunk) -> tuple[int, int]:
    """Return the number of rows and the XOR of their hashes. Raises NotChecked for a row that is too large to be read.

    The session's `group_concat_max_len` must have room for all hashes of the chunk.
    """
    select = (
        f"SELECT COUNT(*), GROUP_CONCAT({table.hash_sql} SEPARATOR '') FROM {table.name_sql} WHERE {chunk.condition}"
    )
    count, hashes = fetch_rows(connection, select, chunk.arguments)[0]
    missing = int(count) - len(hashes or b"") // HASH_DIGITS
    if missing:
        raise NotChecked(f"{missing} rows of {table.name_sql.replace('`', '')} are too large to be compared")
    return int(count), combine_hashes(hashes or b"")
