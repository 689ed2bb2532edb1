"""Tables digested by several connections: each chunk once, side by side, and an error ends all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from cutover_site.database.chunk_finder import ChunkFinder
from cutover_site.database.chunks import Chunk, ComparableTable
from cutover_site.database.columns import Column
from cutover_site.database.digest_work import DigestWork, TableWork
from cutover_site.errors import NotChecked

LIMIT_SECONDS = 20
"""of a wait for another thread, which ends at once when the code is right"""


class CountedChunks(ChunkFinder):
    """So many chunks, without a server."""

    def __init__(self, count: int) -> None:
        super().__init__(ComparableTable("", [Column("id", "bigint", 1)], ""), 10)
        self._left = count

    def find_next(self, connection: Any) -> Chunk | None:
        del connection
        self._left -= 1
        return Chunk("", (self._left,)) if self._left >= 0 else None


class Digests:
    """Keeps which connection has digested which chunk of which table."""

    def __init__(self, then: Callable[[str, str, int], None] = lambda *_: None) -> None:
        self.done: list[tuple[str, str, int]] = []
        self._then = then

    def prepare(self, counts: dict[str, int]) -> Callable[[Any, str], TableWork]:
        return lambda _connection, name: TableWork(
            ComparableTable(name, [], ""), [CountedChunks(counts[name])], self.digest_chunk
        )

    def digest_chunk(self, connection: Any, table: ComparableTable, chunk: Chunk) -> tuple[int, int]:
        number = int(str(chunk.arguments[0]))
        self._then(connection, table.name_sql, number)
        self.done.append((connection, table.name_sql, number))
        return 1, 1 << number


def wait_for_other(both: threading.Barrier) -> None:
    """Wait until both connections digest a chunk. Raise BrokenBarrierError when the other one does not come."""
    both.wait()


def run(digests: Digests, counts: dict[str, int], *connections: Any) -> dict[str, tuple[int, str]]:
    found = DigestWork(counts, digests.prepare(counts)).run(connections)
    return {name: (one.rows, one.digest) for name, one in found.items()}


@pytest.mark.parametrize("connections", [("a",), ("a", "b"), ("a", "b", "c", "d")])
def test_each_chunk_of_each_table_is_digested_once(connections: tuple[str, ...]) -> None:
    counts = {"user": 3, "empty": 0, "action": 40, "issue": 1}
    found = run(Digests(), counts, *connections)
    assert list(found) == list(counts)
    assert found == {name: (count, f"{(1 << count) - 1:032x}") for name, count in counts.items()}


def test_two_connections_digest_the_chunks_of_one_table_side_by_side() -> None:
    both = threading.Barrier(2, timeout=LIMIT_SECONDS)
    digests = Digests(lambda *_: wait_for_other(both))

    assert run(digests, {"action": 8}, "a", "b")["action"][0] == 8

    assert [sum(connection == one for one, _, _ in digests.done) for connection in "ab"] == [4, 4]


def test_each_connection_takes_a_table_of_its_own_first() -> None:
    both = threading.Barrier(2, timeout=LIMIT_SECONDS)
    digests = Digests(lambda *_: wait_for_other(both))

    run(digests, {"user": 4, "issue": 4}, "a", "b")

    assert {table: len({one for one, name, _ in digests.done if name == table}) for table in ("user", "issue")} == {
        "user": 1,
        "issue": 1,
    }


def test_a_connection_waits_for_a_table_that_another_prepares_and_helps_with_it() -> None:
    both = threading.Barrier(2, timeout=LIMIT_SECONDS)
    digests, works = Digests(lambda *_: wait_for_other(both)), list[DigestWork]()

    def prepare(connection: Any, name: str) -> TableWork:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not works[0]._changed._waiters:  # type: ignore[attr-defined]  # there is no other sign of it
            assert time.monotonic() < deadline, "the other connection does not wait"
            threading.Event().wait(0.01)
        return digests.prepare({"action": 4})(connection, name)

    works.append(DigestWork(["action"], prepare))
    connections: list[Any] = ["a", "b"]
    assert works[0].run(connections)["action"].rows == 4


def test_an_error_on_one_connection_ends_the_work_of_the_other() -> None:
    failed = threading.Event()

    def fail_on_a(connection: str, _table: str, _chunk: int) -> None:
        if connection == "a":
            failed.set()
            raise NotChecked("1 rows of action are too large to be compared")
        assert failed.wait(LIMIT_SECONDS)

    digests, threads = Digests(fail_on_a), threading.active_count()

    with pytest.raises(NotChecked, match="too large"):
        run(digests, {"action": 1000}, "a", "b")

    assert len(digests.done) < 1000
    assert threading.active_count() == threads


def test_an_error_while_a_table_is_prepared_ends_a_connection_that_waits_for_it() -> None:
    def prepare(_connection: Any, name: str) -> TableWork:
        raise NotChecked(f"table {name} has no primary key")

    connections: list[Any] = ["a", "b", "c"]
    with pytest.raises(NotChecked, match="no primary key"):
        DigestWork(["issue"], prepare).run(connections)
