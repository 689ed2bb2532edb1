"""Find divergent rows: source and target differ in them, and replication will not correct them. The source accepts writes meanwhile.

A row that replication has not applied yet is changing: its hash on the target becomes another one soon. A row is divergent when both sides
stay the same for a while and differ. A table has converged when each of its rows was seen equal once.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Optional

from cutover_site.database.chunk_finder import iterate_chunks
from cutover_site.database.chunks import Chunk, ComparableTable, digest_chunk, prepare_comparison
from cutover_site.database.connections import Connection, execute, fetch_rows, fetch_value
from cutover_site.database.digest import CHUNK_ROWS
from cutover_site.database.short_hash import HASH_DIGITS
from cutover_site.database.table_columns import read_key_collations
from cutover_site.errors import NotChecked

MAX_CANDIDATES = 1000
"""rows of one table that are watched; one divergent row is enough to reload the table"""
MAX_CHUNK_ROWS = 2 * CHUNK_ROWS
POLL_INTERVAL_SECONDS = 1.0

Key = tuple[object, ...]
Hashes = tuple[Optional[str], Optional[str]]
"""of one row on source and target; None where the row does not exist"""


@dataclass
class WatchedTable:
    """One table, with the rows in which source and target differ."""

    source: ComparableTable
    target: ComparableTable
    chunks: list[Chunk]
    """those with candidates"""
    candidates: dict[Key, Hashes]
    changing: set[Key]
    """candidates that have changed since the first comparison, and still differ"""
    is_complete: bool = True
    """every row was compared"""

    @property
    def divergent(self) -> int:
        """Return the number of candidates that have not changed."""
        return len(self.candidates) - len(self.changing)

    @property
    def has_converged(self) -> bool:
        """Return whether each row was seen equal once."""
        return self.is_complete and not self.candidates


@dataclass(frozen=True)
class ComparedTables:
    """`divergent`: tables with divergent rows, and how many of the watched rows these are. `converged`: tables."""

    divergent: dict[str, int]
    converged: tuple[str, ...]


def find_divergent_rows(
    source: Connection,
    target: Connection,
    schema: str,
    names: Iterable[str],
    *,
    watch_seconds: float,
    must_converge: Collection[str] = (),
    size: int = CHUNK_ROWS,
) -> ComparedTables:
    """Return the divergent rows: compare the named tables row by row until no row is divergent and the tables of `must_converge` have converged.

    Takes at most `watch_seconds`, which must be longer than the target is behind. `size`: rows of a chunk.
    Raises NotChecked when a table, or a row of it, could not be read.
    """
    for connection in (source, target):
        execute(connection, f"SET SESSION group_concat_max_len = {2 * size * HASH_DIGITS}")  # a chunk may have grown
    watched = {name: _compare_table(source, target, schema, name, size) for name in names}
    deadline = time.monotonic() + watch_seconds
    while time.monotonic() < deadline and any(
        table.divergent or (name in must_converge and table.candidates and table.is_complete)
        for name, table in watched.items()
    ):
        time.sleep(POLL_INTERVAL_SECONDS)  # another server applies the rows: there is no event for it
        for table in watched.values():
            _compare_again(source, target, table)
    return ComparedTables(
        {name: table.divergent for name, table in watched.items() if table.divergent},
        tuple(name for name, table in watched.items() if table.has_converged),
    )


def _compare_table(source: Connection, target: Connection, schema: str, name: str, size: int) -> WatchedTable:
    left, right = (read_key_collations(side, schema, name) for side in (source, target))
    # The source defines the chunks: both sides must agree on which rows are between two keys.
    other = {column for column in left.keys() | right.keys() if left.get(column) != right.get(column)}
    found = WatchedTable(
        prepare_comparison(source, schema, name, other), prepare_comparison(target, schema, name, other), [], {}, set()
    )
    for chunk in iterate_chunks(source, found.source, size):
        count = _count_rows(
            target, found.target, chunk
        )  # the target may have any number of rows between two of the source
        found.is_complete = found.is_complete and count <= MAX_CHUNK_ROWS
        if count <= size and digest_chunk(source, found.source, chunk) == digest_chunk(target, found.target, chunk):
            continue
        differing = _find_differing(source, target, found, chunk)
        if differing:
            found.chunks.append(chunk)
            found.candidates |= differing
        if len(found.candidates) >= MAX_CANDIDATES:
            found.is_complete = False
            break
    return found


def _compare_again(source: Connection, target: Connection, table: WatchedTable) -> None:
    now: dict[Key, Hashes] = {}
    for chunk in table.chunks:
        now |= _find_differing(source, target, table, chunk)
    table.candidates = {key: hashes for key, hashes in table.candidates.items() if key in now}
    changed = {key for key, hashes in table.candidates.items() if now[key] != hashes}
    table.changing = (table.changing | changed) & table.candidates.keys()
    if not table.candidates:
        table.chunks.clear()


def _find_differing(source: Connection, target: Connection, table: WatchedTable, chunk: Chunk) -> dict[Key, Hashes]:
    left, right = _read_hashes(source, table.source, chunk), _read_hashes(target, table.target, chunk)
    return {key: (left.get(key), right.get(key)) for key in {*left, *right} if left.get(key) != right.get(key)}


def _count_rows(connection: Connection, table: ComparableTable, chunk: Chunk) -> int:
    return int(
        fetch_value(connection, f"SELECT COUNT(*) FROM {table.name_sql} WHERE {chunk.condition}", chunk.arguments)
    )


def _read_hashes(connection: Connection, table: ComparableTable, chunk: Chunk) -> dict[Key, str]:
    """Return the first MAX_CHUNK_ROWS hashes. If there are more, most of the rows are on one side only, and enough of these are in the result."""
    select = (
        f"SELECT {table.keys_sql}, {table.hash_sql} FROM {table.name_sql} WHERE {chunk.condition}"
        f" ORDER BY {table.keys_sql} LIMIT {MAX_CHUNK_ROWS}"
    )
    found = {tuple(row[:-1]): bytes(row[-1] or b"").decode() for row in fetch_rows(connection, select, chunk.arguments)}
    if not all(found.values()):
        raise NotChecked(f"rows of {table.name_sql.replace('`', '')} are too large to be compared")
    return found
