"""Digest whole tables. The server itself hashes the rows, in chunks of the primary key.

It returns the first half of each row's hash (SHA-256), for a whole chunk in one string. This package combines them by XOR, so the digest
depends neither on the order of the rows nor on the chunks. If the server combined them, it would write every hash into a temporary table
and convert it to numbers, which takes longer than the hashing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import pymysql

from cutover_site.database.chunk_finder import ChunkFinder
from cutover_site.database.chunks import KeyRange, digest_chunk, prepare_comparison
from cutover_site.database.connections import Connection, execute
from cutover_site.database.digest_work import DigestWork, TableDigest, TableWork
from cutover_site.database.short_hash import HASH_DIGITS
from cutover_site.errors import NotChecked

__all__ = ["CHUNK_ROWS", "EVERYWHERE", "TableDigest", "digest_tables"]

CHUNK_ROWS = 20_000
"""a statement over so many rows takes well under a second, so no time limit ends it, and its hashes fit into the smallest usual packet"""
EVERYWHERE: Mapping[str, Sequence[KeyRange]] = MappingProxyType({})
"""no table is limited to ranges"""


def digest_tables(
    connections: Sequence[Connection],
    schema: str,
    names: Iterable[str],
    size: int = CHUNK_ROWS,
    key_ranges: Mapping[str, Sequence[KeyRange]] = EVERYWHERE,
) -> dict[str, TableDigest]:
    """Return the digest of each named table. `size`: rows of a chunk.

    `connections`: of one server; they work side by side. Each reads from one consistent snapshot, and all snapshots are taken before the
    first row is read. In the window nobody writes, so they are the same. Before the freeze a write can fall between two of them. Nothing is
    lost then: each key is in exactly one chunk, which one snapshot reads, and all snapshots are younger than the position of the binary log
    that the procedure recorded. So a row that was not written since that position is the same in every snapshot, and the window compares each
    row that was written since, whatever this digest has read of it. The snapshots of source and target differ in the same way.

    `key_ranges`: key ranges by table. The digest of such a table covers only the rows in its ranges.
    Raises NotChecked when a table, or a row of it, could not be read. An error on one connection ends the work of all.
    """
    try:
        for connection in connections:
            # Twice the room, because a chunk may have grown between the snapshot that found its end and the one that reads it.
            execute(connection, f"SET SESSION group_concat_max_len = {2 * size * HASH_DIGITS}")
            execute(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            execute(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        return DigestWork(
            names, lambda connection, name: _prepare_table(connection, schema, name, size, key_ranges.get(name))
        ).run(connections)
    except pymysql.err.MySQLError as error:
        raise NotChecked(f"schema {schema} cannot be compared: {error}") from error
    finally:
        for connection in connections:
            with contextlib.suppress(pymysql.err.MySQLError):  # a lost connection has no snapshot any more
                execute(connection, "COMMIT")


def _prepare_table(
    connection: Connection, schema: str, name: str, size: int, key_ranges: Sequence[KeyRange] | None
) -> TableWork:
    table = prepare_comparison(connection, schema, name)
    if key_ranges is not None and len(table.keys) != 1:
        raise NotChecked(
            f"table {schema}.{name} has a key of several columns: its rows cannot be compared by ranges of it"
        )
    finders = [ChunkFinder(table, size, key_range) for key_range in (key_ranges if key_ranges is not None else (None,))]
    return TableWork(table, finders, digest_chunk)
