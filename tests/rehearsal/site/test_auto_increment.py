"""AUTO_INCREMENT of the target's tables after a sync, on two real servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cutover_site.database import auto_increment
from cutover_site.database.connections import Connection, execute, fetch_value

from tests.rehearsal.database_servers.server import DatabaseServer

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def sides(pair: tuple[DatabaseServer, DatabaseServer]) -> Iterator[tuple[Connection, Connection]]:
    opened = (pair[0].connect_root(), pair[1].connect_root())
    for connection in opened:
        execute(connection, "DROP DATABASE IF EXISTS pair")
        execute(connection, "CREATE DATABASE pair")
        for table in ("repository", "comment", "user"):
            execute(connection, f"CREATE TABLE pair.{table} (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT)")
        execute(connection, "CREATE TABLE pair.plain (id BIGINT PRIMARY KEY)")
    yield opened
    for connection in opened:
        connection.close()


def test_an_empty_table_gets_the_next_number_of_the_source(sides: tuple[Connection, Connection]) -> None:
    """MySQL keeps no next number for a table without rows, and DMS truncates a table before it loads it."""
    source, target = sides
    for table in ("repository", "comment"):
        execute(source, f"INSERT INTO pair.{table} (n) VALUES (1), (2), (3)")
        execute(source, f"DELETE FROM pair.{table}")
    execute(target, "INSERT INTO pair.comment (n) VALUES (1)")
    execute(target, "TRUNCATE pair.comment")

    assert auto_increment.sync_auto_increment(source, target, "pair") == {"repository": 4, "comment": 4}

    for table in ("repository", "comment"):
        execute(target, f"INSERT INTO pair.{table} (n) VALUES (5)")
        assert fetch_value(target, f"SELECT MAX(id) FROM pair.{table}") == 4
    assert auto_increment.sync_auto_increment(source, target, "pair") == {}


def test_the_number_of_a_deleted_row_is_not_used_again(sides: tuple[Connection, Connection]) -> None:
    source, target = sides
    execute(source, "INSERT INTO pair.repository (n) VALUES (1), (2), (3)")
    execute(source, "INSERT INTO pair.comment (id) VALUES (4)")
    execute(source, "DELETE FROM pair.repository WHERE id > 1")
    for table in ("repository (id) VALUES (1)", "comment (id) VALUES (9)"):
        execute(target, f"INSERT INTO pair.{table}")

    assert auto_increment.sync_auto_increment(source, target, "pair") == {"repository": 4}

    execute(target, "INSERT INTO pair.repository (n) VALUES (5)")
    assert fetch_value(target, "SELECT MAX(id) FROM pair.repository") == 4
    execute(target, "INSERT INTO pair.comment (n) VALUES (5)")
    assert fetch_value(target, "SELECT MAX(id) FROM pair.comment") == 10
    assert auto_increment.sync_auto_increment(source, target, "pair") == {}
