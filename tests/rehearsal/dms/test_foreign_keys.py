"""Tables with foreign keys can be loaded only in sessions that do not check them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.engine import Engine, Json, build_job
from tests.rehearsal.dms.test_replication import copy_schema, is_loaded

pytestmark = pytest.mark.rehearsal
Start = Callable[[Json], Engine]
TABLES = (
    "CREATE TABLE parent (id INT PRIMARY KEY)",
    "CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id))",
)


def create_tables(source: DatabaseServer, target: DatabaseServer) -> None:
    source.run("CREATE DATABASE site CHARACTER SET utf8mb4")
    source.run(*TABLES, "INSERT INTO parent VALUES (1), (2)", "INSERT INTO child VALUES (1, 2)", schema="site")
    copy_schema(source, target, "site")


def test_a_parent_and_its_child_are_loaded(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_tables(source, target)
    start(build_job(*ends, "site")).wait_until(is_loaded)
    assert target.digest("site") == source.digest("site")


def test_a_session_that_checks_foreign_keys_cannot_empty_the_parent(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_tables(source, target)
    engine = start(build_job(ends[0], {**ends[1], "init_statement": ""}, "site"))
    engine.wait_until(lambda _: engine.read_table("parent")["state"] == "Table error")
    assert "foreign key" in engine.read_table("parent")["reason"]
