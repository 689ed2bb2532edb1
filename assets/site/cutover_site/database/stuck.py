"""Rows in which source and target differ although nothing on its way will mend them, told apart from rows that replication has not carried
over yet, while the source goes on taking writes.

A row on its way changes: its hash on the target becomes another one soon. A row is stuck when both sides say the same of it for a while and
do not agree.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from cutover_site.database.connections import Connection, execute, one, rows
from cutover_site.database.digest import CHUNK, HEX, Chunk, Readable, chunks, digest_chunk, readable

ENOUGH = 1000
"""rows of one table that are watched: one that is stuck is enough to know"""
MOST = 2 * CHUNK
LOOK_SECONDS = 1.0

Key = tuple[object, ...]
Hashes = tuple[str | None, str | None]
"""of one row, source and target; None where it is not"""


@dataclass
class Watched:
    source: Readable
    target: Readable
    chunks: list[Chunk]
    """those with suspects"""
    suspects: dict[Key, Hashes]


def stuck_rows(
    source: Connection, target: Connection, schema: str, names: Iterable[str], *, patience: float, size: int = CHUNK
) -> dict[str, int]:
    """Tables with such rows, and how many (of those that were watched). Takes `patience` seconds when there are some, less when there are none.

    `patience` must be longer than the target is behind. Raises NotChecked when a table, or a row of it, could not be read.
    """
    for connection in (source, target):
        execute(connection, f"SET SESSION group_concat_max_len = {2 * size * HEX}")  # a chunk may have grown
    watched = {name: _suspects(source, target, schema, name, size) for name in names}
    deadline = time.monotonic() + patience
    while any(table.suspects for table in watched.values()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)  # rows that another server applies: there is no event for it
        for table in watched.values():
            _look_again(source, target, table)
    return {name: len(table.suspects) for name, table in watched.items() if table.suspects}


def _suspects(source: Connection, target: Connection, schema: str, name: str, size: int) -> Watched:
    found = Watched(readable(source, schema, name), readable(target, schema, name), [], {})
    for chunk in chunks(source, found.source, size):
        fits = (
            _count(target, found.target, chunk) <= size
        )  # the target may hold any number of rows between two of the source
        if fits and digest_chunk(source, found.source, chunk) == digest_chunk(target, found.target, chunk):
            continue
        differing = _differing(source, target, found, chunk)
        if differing:
            found.chunks.append(chunk)
            found.suspects |= differing
        if len(found.suspects) >= ENOUGH:
            break
    return found


def _look_again(source: Connection, target: Connection, watched: Watched) -> None:
    now: dict[Key, Hashes] = {}
    for chunk in watched.chunks:
        now |= _differing(source, target, watched, chunk)
    watched.suspects = {key: hashes for key, hashes in watched.suspects.items() if now.get(key) == hashes}
    if not watched.suspects:
        watched.chunks.clear()


def _differing(source: Connection, target: Connection, watched: Watched, chunk: Chunk) -> dict[Key, Hashes]:
    left, right = _hashes(source, watched.source, chunk), _hashes(target, watched.target, chunk)
    return {key: (left.get(key), right.get(key)) for key in {*left, *right} if left.get(key) != right.get(key)}


def _count(connection: Connection, table: Readable, chunk: Chunk) -> int:
    return int(one(connection, f"SELECT COUNT(*) FROM {table.place} WHERE {chunk.condition}", chunk.arguments))


def _hashes(connection: Connection, table: Readable, chunk: Chunk) -> dict[Key, str]:
    """The first MOST of them: where there are more, most are on one side only, and enough of them are among these."""
    select = f"SELECT {table.key_list}, {table.one} FROM {table.place} WHERE {chunk.condition} ORDER BY {table.key_list} LIMIT {MOST}"
    return {tuple(row[:-1]): str(row[-1]) for row in rows(connection, select, chunk.arguments)}
