"""A managed server with the site and another application, as an administrator without SUPER has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cutover_site.database.connections import Connection, connect
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.managed import build_master_login, make_managed
from tests.rehearsal.database_servers.products import MYSQL
from tests.rehearsal.database_servers.server import PASSWORD, SOURCE_OPTIONS, DatabaseServer, running
from tests.rehearsal.site.managed_server.accounts import APPLICATION, OTHER


@pytest.fixture(scope="session")
def rds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with running(MYSQL, tmp_path_factory.mktemp("managed"), *SOURCE_OPTIONS, tls=True) as server:
        yield server


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture
def master(rds: DatabaseServer) -> Iterator[Connection]:
    """Return a connection of the master account to a server with the site, and with a schema of another application."""
    make_managed(rds)
    for schema in ("gogs", "cutover", "other"):
        rds.run(f"DROP DATABASE IF EXISTS {schema}", f"CREATE DATABASE {schema}")
    rds.run(
        "CREATE TABLE cutover.marker (run_id VARCHAR(64) PRIMARY KEY, written_unix BIGINT)",
        "CREATE TABLE gogs.action (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
        "CREATE TABLE other.thing (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
    )
    for user, schema in ((APPLICATION, "gogs"), (OTHER, "other")):
        rds.run(
            f"DROP USER IF EXISTS {user}@'%'",
            f"CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT ALL PRIVILEGES ON {schema}.* TO {user}@'%'",
        )
    with connect(build_master_login(rds)) as connection:
        yield connection
    rds.run("ALTER DATABASE `gogs` READ ONLY = 0")


@pytest.fixture
def application(rds: DatabaseServer, master: Connection) -> Iterator[Connection]:
    """Return a connection of the application, opened before the freeze."""
    assert master
    with connect(rds.build_login(APPLICATION, PASSWORD)) as connection:
        yield connection
