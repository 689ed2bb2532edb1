"""A source server and a target server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.database_servers.products import MARIADB_10_11, MYSQL
from tests.rehearsal.database_servers.server import SOURCE_OPTIONS, UNICODE_OPTIONS, DatabaseServer, running
from tests.rehearsal.dms.engine import Engine, Json
from tests.unit.dms.fakes import Api, FakeAccount, FakeNetwork

OPTIONS = (*UNICODE_OPTIONS, *SOURCE_OPTIONS)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with running(MARIADB_10_11, tmp_path_factory.mktemp("source"), *OPTIONS, server_id=1) as server:
        yield server


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with running(MARIADB_10_11, tmp_path_factory.mktemp("target"), *UNICODE_OPTIONS, server_id=2) as server:
        yield server


@pytest.fixture
def ends(source: DatabaseServer, target: DatabaseServer) -> Iterator[tuple[Json, Json]]:
    yield from accounts(source, target)


@pytest.fixture(scope="session")
def mysql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """Start a MySQL that is a source."""
    with running(MYSQL, tmp_path_factory.mktemp("mysql"), *OPTIONS, server_id=3) as server:
        yield server


@pytest.fixture(scope="session")
def rds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """Start a MySQL that is a target."""
    with running(MYSQL, tmp_path_factory.mktemp("rds"), *UNICODE_OPTIONS, server_id=4) as server:
        yield server


@pytest.fixture
def from_mysql(mysql: DatabaseServer, rds: DatabaseServer) -> Iterator[tuple[Json, Json]]:
    yield from accounts(mysql, rds)


@pytest.fixture
def from_mariadb(source: DatabaseServer, rds: DatabaseServer) -> Iterator[tuple[Json, Json]]:
    yield from accounts(source, rds)


def accounts(source: DatabaseServer, target: DatabaseServer) -> Iterator[tuple[Json, Json]]:
    """Create an account with least rights on the source and one without SUPER on the target. Empty both servers
    afterwards.
    """
    reading = source.create_account("REPLICATION CLIENT, REPLICATION SLAVE ON *.*", "SELECT ON `site%`.*")
    writing = target.create_account("ALL PRIVILEGES ON `site%`.*", "ALL PRIVILEGES ON awsdms_control.*")
    yield reading, writing
    for server in (source, target):
        for (schema,) in server.query(
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'site%%'"
        ):
            server.run(f"DROP DATABASE `{schema}`")
    target.run("DROP DATABASE IF EXISTS awsdms_control")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Json], Engine]]:
    engines: list[Engine] = []

    def begin(work: Json) -> Engine:
        engines.append(Engine(work, tmp_path / "engine.log"))
        return engines[-1]

    yield begin
    for engine in engines:
        engine.kill()


@pytest.fixture
def account(ends: tuple[dict[str, Any], dict[str, Any]]) -> FakeAccount:
    def build_secret(server: dict[str, Any]) -> dict[str, Any]:
        return {
            "username": server["user"],
            "password": server["password"],
            "host": server["host"],
            "port": str(server["port"]),
        }

    return FakeAccount({"source-secret": build_secret(ends[0]), "target-secret": build_secret(ends[1])})


@pytest.fixture
def api(account: FakeAccount, tmp_path: Path) -> Iterator[Api]:
    api = Api(FakeNetwork(), account, tmp_path)
    api.dms.start()
    yield api
    api.dms.close()
