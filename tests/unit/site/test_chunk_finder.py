"""Chunks of a table: each row is in exactly one, and the server reads no row only to find their ends if the key is a number."""

from __future__ import annotations

import random
from typing import Any

import pytest
from cutover_site.database.chunk_finder import ChunkFinder, iterate_chunks
from cutover_site.database.chunks import Chunk, ComparableTable
from cutover_site.database.columns import Column
from cutover_site.database.connections import fetch_rows

from tests.unit.site.sql_connection import SqlConnection

SIZE = 10
MAX_CHUNKS = 100
BY_NUMBER = ComparableTable("`gogs`.`action`", [Column("id", "bigint", 1)], "")
BY_TEXT = ComparableTable("`gogs`.`action`", [Column("id", "varchar", 1)], "")
BY_TWO = ComparableTable("`gogs`.`action`", [Column("id", "bigint", 1), Column("at", "bigint", 2)], "")
NOISE = random.Random(7)
KEYS = {
    "none": [],
    "one": [5],
    "exactly one chunk": list(range(1, SIZE + 1)),
    "one more": list(range(1, SIZE + 2)),
    "dense": list(range(1, 96)),
    "negative": list(range(-40, 40)),
    "with a gap": [*range(1, 50), *range(10**12, 10**12 + 60)],
    "sparse, then dense": [*range(1, 10**9, 10**7), *range(10**9, 10**9 + 80)],
    "random": sorted(NOISE.sample(range(10**6), 90)),
    "ends of the type": [-(2**63), -(2**63) + 1, 0, 2**63 - 2, 2**63 - 1],
}


def connect(keys: list[int]) -> SqlConnection:
    connection = SqlConnection("CREATE TABLE gogs.action (id INTEGER, at INTEGER, PRIMARY KEY (id, at))")
    for key in keys:
        connection.execute("INSERT INTO gogs.action VALUES (%s, %s)", (key, key % 3))
    connection.statements.clear()
    return connection


def read_chunks(connection: Any, finder: ChunkFinder) -> list[list[int]]:
    found: list[list[int]] = []
    while (chunk := finder.find_next(connection)) is not None:
        assert len(found) < MAX_CHUNKS, "a finder that computes a chunk for each gap would not end"
        rows = read_rows(connection, chunk)
        finder.note_rows(chunk, len(rows))
        found.append(rows)
    return found


def read_rows(connection: Any, chunk: Chunk) -> list[int]:
    select = f"SELECT id FROM gogs.action WHERE {chunk.condition} ORDER BY id"
    return [int(key) for (key,) in fetch_rows(connection, select, chunk.arguments)]


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("table", [BY_NUMBER, BY_TEXT, BY_TWO], ids=["number", "text", "two columns"])
def test_each_row_is_in_exactly_one_chunk(keys: list[int], table: ComparableTable) -> None:
    connection = connect(keys)
    chunks = read_chunks(connection, ChunkFinder(table, SIZE))
    assert [key for chunk in chunks for key in chunk] == keys
    assert max(map(len, chunks)) <= SIZE


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("key_range", [(3, 3), (1, 44), (-5, 10**12 + 7), (10**9 - 1, 10**9 + 40)])
def test_only_rows_of_a_range_are_in_its_chunks(keys: list[int], key_range: tuple[int, int]) -> None:
    chunks = read_chunks(connect(keys), ChunkFinder(BY_NUMBER, SIZE, key_range))
    assert [key for chunk in chunks for key in chunk] == [key for key in keys if key_range[0] <= key <= key_range[1]]
    assert max(map(len, chunks)) <= SIZE


def test_a_key_that_is_inserted_meanwhile_is_in_exactly_one_chunk() -> None:
    """Another connection's snapshot may be younger than the one from which the bounds of the table were read."""
    connection: Any = connect(list(range(10, 60)))
    finder = ChunkFinder(BY_NUMBER, SIZE)
    chunks: list[Chunk] = []
    while (chunk := finder.find_next(connection)) is not None:
        chunks.append(chunk)
    for key in (1, 15, 70):
        connection.execute("INSERT INTO gogs.action VALUES (%s, 9)", (key,))
    found = sorted(key for chunk in chunks for key in read_rows(connection, chunk))
    assert found == sorted([*range(10, 60), 1, 15, 70])


def test_the_ends_of_dense_numbers_are_not_read() -> None:
    connection = connect(KEYS["dense"])
    read_chunks(connection, ChunkFinder(BY_NUMBER, SIZE))
    assert not [one for one in connection.statements if "OFFSET" in one]
    assert len([one for one in connection.statements if "MIN" in one]) == 1


def test_a_small_range_needs_no_statement_to_find_its_chunk() -> None:
    connection = connect(KEYS["dense"])
    read_chunks(connection, ChunkFinder(BY_NUMBER, SIZE, (20, 25)))
    assert len(connection.statements) == 1


@pytest.mark.parametrize("key_range", [None, (1, 95)])
def test_a_chunk_of_numbers_between_two_others_is_one_comparison(key_range: tuple[int, int] | None) -> None:
    """The server repeats every comparison for each row that it reads."""
    connection: Any = connect(KEYS["dense"])
    finder = ChunkFinder(BY_NUMBER, SIZE, key_range)
    chunks = [finder.find_next(connection) for _ in range(3)]
    assert [(chunk.condition, chunk.arguments) for chunk in chunks[1:] if chunk] == [
        ("`id` BETWEEN %s AND %s", (11, 20)),
        ("`id` BETWEEN %s AND %s", (21, 30)),
    ]


def test_sparse_numbers_do_not_need_a_statement_for_each_gap() -> None:
    """A million chunks would be computed between the two parts."""
    connection = connect(KEYS["sparse, then dense"])
    chunks = read_chunks(connection, ChunkFinder(BY_NUMBER, SIZE))
    assert len(chunks) < 25
    assert len([one for one in connection.statements if "OFFSET" in one]) < 15


def test_chunks_of_rows_have_as_many_rows_each() -> None:
    """Two servers are compared by them: the other one may have rows between any two keys."""
    connection: Any = connect(KEYS["random"])
    chunks = [read_rows(connection, chunk) for chunk in iterate_chunks(connection, BY_NUMBER, SIZE)]
    assert [len(chunk) for chunk in chunks] == [SIZE] * 9 + [0]
