"""Digest whole tables. The server itself hashes the rows, in chunks of the primary key.

It returns the first half of each row's hash (SHA-256), for a whole chunk in one string. This package combines them by XOR, so the digest
depends neither on the order of the rows nor on the chunks. If the server combined them, it would write every hash into a temporary table
and convert it to numbers, which takes longer than the hashing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pymysql

from cutover_site.database.chunks import KeyRange, digest_chunk, iterate_chunks, prepare_comparison
from cutover_site.database.connections import Connection, execute
from cutover_site.database.short_hash import HASH_DIGITS
from cutover_site.errors import NotChecked

CHUNK_ROWS = 20_000
"""a statement over so many rows takes well under a second, so no time limit ends it, and its hashes fit into the smallest usual packet"""
EVERYWHERE: Mapping[str, Sequence[KeyRange]] = MappingProxyType({})
"""no table is limited to ranges"""


@dataclass(frozen=True)
class TableDigest:
    """Digest and number of rows of one table, and how long they took."""

    rows: int
    digest: str
    seconds: float


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
