"""Rows in which source and target differ although nothing on its way will mend them, told apart from rows that replication has not carried
over yet, while the source goes on taking writes.

A row on its way changes: its hash on the target becomes another one soon. A row is stuck when both sides say the same of it for a while and
do not agree. A table is settled when each of its rows was seen equal once.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Optional

from cutover_site.database.connections import Connection, execute, one, rows
from cutover_site.database.digest import CHUNK, HEX, Chunk, Readable, chunks, digest_chunk, key_collations, readable

ENOUGH = 1000
"""rows of one table that are watched: one that is stuck is enough to know"""
MOST = 2 * CHUNK
LOOK_SECONDS = 1.0

Key = tuple[object, ...]
Hashes = tuple[Optional[str], Optional[str]]
"""of one row, source and target; None where it is not"""


@dataclass
class Watched:
    source: Readable
    target: Readable
    chunks: list[Chunk]
    """those with suspects"""
    suspects: dict[Key, Hashes]
    moving: set[Key]
    """suspects that have changed since the first look, and differ still"""
    whole: bool = True
    """every row was looked at"""

    @property
    def stuck(self) -> int:
        return len(self.suspects) - len(self.moving)

    @property
    def settled(self) -> bool:
        return self.whole and not self.suspects


@dataclass(frozen=True)
class Rows:
    stuck: dict[str, int]
    """tables with such rows, and how many (of those that were watched)"""
    settled: tuple[str, ...]


def stuck_rows(
    source: Connection,
    target: Connection,
    schema: str,
    names: Iterable[str],
    *,
    patience: float,
    settle: Collection[str] = (),
    size: int = CHUNK,
) -> Rows:
    """Takes `patience` seconds when rows are stuck, or tables of `settle` do not settle; less when neither is so.

    `patience` must be longer than the target is behind. Raises NotChecked when a table, or a row of it, could not be read.
    """
    for connection in (source, target):
        execute(connection, f"SET SESSION group_concat_max_len = {2 * size * HEX}")  # a chunk may have grown
    watched = {name: _suspects(source, target, schema, name, size) for name in names}
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(
        table.stuck or (name in settle and table.suspects and table.whole) for name, table in watched.items()
    ):
        time.sleep(LOOK_SECONDS)  # rows that another server applies: there is no event for it
        for table in watched.values():
            _look_again(source, target, table)
    return Rows(
        {name: table.stuck for name, table in watched.items() if table.stuck},
        tuple(name for name, table in watched.items() if table.settled),
    )


def _suspects(source: Connection, target: Connection, schema: str, name: str, size: int) -> Watched:
    left, right = (key_collations(side, schema, name) for side in (source, target))
    # Chunks are cut on the source: both sides must agree on what lies between two keys.
    other = {column for column in left.keys() | right.keys() if left.get(column) != right.get(column)}
    found = Watched(readable(source, schema, name, other), readable(target, schema, name, other), [], {}, set())
    for chunk in chunks(source, found.source, size):
        held = _count(target, found.target, chunk)  # any number, between two rows of the source
        found.whole = found.whole and held <= MOST
        if held <= size and digest_chunk(source, found.source, chunk) == digest_chunk(target, found.target, chunk):
            continue
        differing = _differing(source, target, found, chunk)
        if differing:
            found.chunks.append(chunk)
            found.suspects |= differing
        if len(found.suspects) >= ENOUGH:
            found.whole = False
            break
    return found


def _look_again(source: Connection, target: Connection, watched: Watched) -> None:
    now: dict[Key, Hashes] = {}
    for chunk in watched.chunks:
        now |= _differing(source, target, watched, chunk)
    watched.suspects = {key: hashes for key, hashes in watched.suspects.items() if key in now}
    moved = {key for key, hashes in watched.suspects.items() if now[key] != hashes}
    watched.moving = (watched.moving | moved) & watched.suspects.keys()
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
