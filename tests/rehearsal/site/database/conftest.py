from __future__ import annotations

from collections.abc import Iterator

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import schema
from cutover_site.database.connections import Connection, execute

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.marker import render_marker_table
from tests.rehearsal.site.database.rows import PASSWORD, ROWS, TABLES


@pytest.fixture
def root(server: DatabaseServer) -> Iterator[Connection]:
    """Create the source: a schema `gogs` with rows, the table of the marker, and Gogs's user."""
    connection = server.connect_root()
    for name in ("gogs", "gogs_scratch", "cutover"):
        execute(connection, f"DROP DATABASE IF EXISTS {name}")
    execute(connection, "DROP USER IF EXISTS gogs@'%'")
    execute(connection, "SET GLOBAL read_only = OFF")
    for name in ("gogs", "cutover"):
        execute(connection, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    for table in TABLES:
        execute(connection, table.format("gogs"))
    execute(connection, render_marker_table())
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO gogs.issue (title, content, f, b, d, raw) VALUES (%s, %s, %s, %s, %s, %s)", ROWS
        )
        cursor.executemany(
            "INSERT INTO gogs.lfs_object VALUES (%s, %s, %s)", [(n // 4, f"oid{n}", n) for n in range(30)]
        )
    execute(connection, "INSERT INTO gogs.webhook VALUES (1, 1)")
    execute(connection, "INSERT INTO gogs.hook_task VALUES (1, 0)")
    execute(connection, "INSERT INTO gogs.mirror VALUES (1, 5)")
    schema.grant_access(connection, PROFILE.database, "gogs", PASSWORD)
    yield connection
    connection.close()
