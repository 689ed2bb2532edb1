"""Divergent rows and rows that arrive late, on two real servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from cutover_site.database.connections import Connection, execute
from cutover_site.database.divergent import find_divergent_rows
from cutover_site.errors import NotChecked

from tests.rehearsal.database_servers.server import DatabaseServer

pytestmark = pytest.mark.rehearsal

WATCH_SECONDS = 3.0
ROWS = [(n // 5, f"oid{n}", n) for n in range(40)]


@pytest.fixture
def server(pair: tuple[DatabaseServer, DatabaseServer]) -> DatabaseServer:
    return pair[0]


@pytest.fixture
def other(pair: tuple[DatabaseServer, DatabaseServer]) -> DatabaseServer:
    return pair[1]


@pytest.fixture
def sides(server: DatabaseServer, other: DatabaseServer) -> Iterator[tuple[Connection, Connection]]:
    opened = (server.connect_root(), other.connect_root())
    for connection in opened:
        execute(connection, "DROP DATABASE IF EXISTS pair")
        execute(connection, "CREATE DATABASE pair CHARACTER SET utf8mb4")
        execute(
            connection, "CREATE TABLE pair.one (repo_id INT, oid VARCHAR(64), size INT, PRIMARY KEY (repo_id, oid))"
        )
        execute(connection, "CREATE TABLE pair.two (id INT PRIMARY KEY, text VARCHAR(64))")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO pair.one VALUES (%s, %s, %s)", ROWS)
            cursor.executemany("INSERT INTO pair.two VALUES (%s, %s)", [(n, f"row {n}") for n in range(40)])
    yield opened
    for connection in opened:
        connection.close()


def find_divergent(sides: tuple[Connection, Connection], *names: str) -> dict[str, int]:
    return find_divergent_rows(*sides, "pair", names or ("one", "two"), watch_seconds=WATCH_SECONDS, size=7).divergent


def test_equal_tables_have_no_divergent_rows_and_return_without_waiting(sides: tuple[Connection, Connection]) -> None:
    began = time.monotonic()
    assert find_divergent(sides) == {}
    assert time.monotonic() - began < WATCH_SECONDS


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ("INSERT INTO pair.two VALUES (99, 'left behind')", 1),
        ("INSERT INTO pair.two VALUES (-1, 'left behind'), (41, 'too')", 2),
        ("DELETE FROM pair.two WHERE id IN (3, 17, 39)", 3),
        ("UPDATE pair.two SET text = 'other' WHERE id = 20", 1),
        ("DELETE FROM pair.two", 40),
    ],
)
def test_divergent_rows_are_counted(sides: tuple[Connection, Connection], change: str, rows: int) -> None:
    execute(sides[1], change)
    assert find_divergent(sides) == {"two": rows}


def test_an_orphaned_row_in_a_busy_table_is_divergent(
    sides: tuple[Connection, Connection], server: DatabaseServer, other: DatabaseServer
) -> None:
    """The acceptance suite can leave such a row in a table that every push updates."""
    ends = threading.Event()

    def write() -> None:
        source, target = server.connect_root(), other.connect_root()
        number = 0
        while not ends.wait(0.05):
            number += 1
            for side in (source, target):  # the target a little later
                execute(side, "UPDATE pair.two SET text = %s WHERE id = %s", (f"now {number}", number % 40))
                ends.wait(0.02)
        for side in (source, target):
            side.close()

    execute(sides[1], "INSERT INTO pair.two VALUES (99, 'left behind')")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert find_divergent(sides) == {"two": 1}
    finally:
        ends.set()
        writer.join()


def test_rows_that_arrive_late_are_not_divergent(sides: tuple[Connection, Connection], other: DatabaseServer) -> None:
    execute(sides[0], "INSERT INTO pair.one VALUES (100, 'new', 1)")
    execute(sides[0], "UPDATE pair.two SET text = 'new' WHERE id = 5")

    def arrive() -> None:
        target = other.connect_root()
        execute(target, "INSERT INTO pair.one VALUES (100, 'new', 1)")
        execute(target, "UPDATE pair.two SET text = 'new' WHERE id = 5")
        target.close()

    late = threading.Timer(WATCH_SECONDS / 2, arrive)
    late.start()
    assert find_divergent(sides) == {}
    late.join()


def test_a_table_has_converged_when_every_row_was_equal_once(
    sides: tuple[Connection, Connection], other: DatabaseServer
) -> None:
    execute(sides[0], "UPDATE pair.two SET text = 'new' WHERE id = 5")
    assert find_converged(sides) == ("one",)

    def arrive() -> None:
        target = other.connect_root()
        execute(target, "UPDATE pair.two SET text = 'on its way' WHERE id = 5")
        time.sleep(WATCH_SECONDS / 2)
        execute(target, "UPDATE pair.two SET text = 'new' WHERE id = 5")
        target.close()

    late = threading.Timer(0.5, arrive)
    late.start()
    assert find_converged(sides) == ("one", "two")
    late.join()


def test_a_table_with_too_many_candidates_has_not_converged(
    sides: tuple[Connection, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutover_site.database.divergent.MAX_CANDIDATES", 1)
    execute(sides[0], "UPDATE pair.two SET text = 'new' WHERE id IN (1, 39)")
    repair = threading.Timer(0.5, lambda: execute(sides[1], "UPDATE pair.two SET text = 'new' WHERE id = 1"))
    repair.start()
    assert find_converged(sides) == ("one",)
    repair.join()


def find_converged(sides: tuple[Connection, Connection]) -> tuple[str, ...]:
    return find_divergent_rows(
        *sides, "pair", ("one", "two"), watch_seconds=WATCH_SECONDS, must_converge=("two",), size=7
    ).converged


def test_an_unreadable_table_is_not_checked(sides: tuple[Connection, Connection]) -> None:
    execute(sides[1], "DROP TABLE pair.two")
    with pytest.raises(NotChecked, match="does not exist"):
        find_divergent(sides)


def test_a_row_that_a_server_cannot_hash_is_not_equal_to_another(
    sides: tuple[Connection, Connection], server: DatabaseServer
) -> None:
    if server.is_mysql:
        pytest.skip("MySQL can convert more than one packet")
    # Given a row that the source cannot convert, and so many rows on the target that the chunk is read row by row
    for side in sides:
        execute(side, "CREATE TABLE pair.wide (id INT PRIMARY KEY, a LONGTEXT CHARSET latin1)")
        execute(side, "INSERT INTO pair.wide VALUES (100, REPEAT(_latin1 x'E4', 9 << 20))")
    execute(
        sides[1], "INSERT INTO pair.wide VALUES (1, ''), (2, ''), (3, ''), (4, ''), (5, ''), (6, ''), (7, ''), (8, '')"
    )
    with pytest.raises(NotChecked, match="too large"):
        find_divergent(sides, "wide")
