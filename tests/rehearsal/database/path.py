"""What the test of the full path needs besides the product: a site, its users, and clients of both servers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pymysql
from cutover_site.database.connections import Connection, connect
from cutover_site.database.login import DatabaseLogin
from cutover_site.layout import Layout
from gogs_standin.store.schema import list_statements

from tests.rehearsal.database_servers.server import PASSWORD, DatabaseServer
from tests.rehearsal.dms.engine import Json
from tests.rehearsal.dms.writer import fill
from tests.rehearsal.marker import render_marker_table

MASTER, APPLICATION, READER = "cutover_admin", "gogs", "dms"
BUSY = "busy_"
"""prefix of the writer's tables"""
SHAPES = (
    "CREATE TABLE shape_keys (a VARCHAR(20) NOT NULL, `b c` INT UNSIGNED NOT NULL, d VARBINARY(9) NOT NULL, _e"
    " DATETIME(6) NOT NULL,"
    " note TEXT, PRIMARY KEY (a, `b c`, d, _e))",
    (
        "CREATE TABLE shape_places (id INT AUTO_INCREMENT PRIMARY KEY, p POINT, g GEOMETRY, made TIMESTAMP NOT NULL"
        " DEFAULT CURRENT_TIMESTAMP)"
    ),
    "CREATE TABLE shape_emptied (id BIGINT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(9))",
    "CREATE TABLE shape_parents (id INT PRIMARY KEY)",
    (
        "CREATE TABLE shape_children (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent)"
        " REFERENCES shape_parents (id) ON DELETE CASCADE)"
    ),
)
ROWS = (
    (
        "INSERT INTO shape_keys VALUES ('Ä', 4294967295, x'00ff', '2024-02-29 23:59:59.999999', 'x'), ('ß', 0, '',"
        " '1000-01-01', NULL)"
    ),
    (
        "INSERT INTO shape_places (p, g) VALUES (ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('POLYGON((0 0,0 1,1 1,0"
        " 0))')), (NULL, NULL)"
    ),
    "INSERT INTO shape_emptied (note) VALUES ('a'), ('b'), ('c')",
    "DELETE FROM shape_emptied",
    "INSERT INTO shape_parents VALUES (1), (2)",
    "INSERT INTO shape_children VALUES (1, 1), (2, 2)",
    "INSERT INTO issue (repo_id, `index`, name, content) VALUES (1, 1, 'ü😀', REPEAT('Ж', 30000))",
    "INSERT INTO lfs_object VALUES (1, REPEAT('a', 64), 5, 'local', '2024-02-29 12:00:00')",
)


def make_site(source: DatabaseServer) -> None:
    """Create the schemas, the tables of Gogs, unusual tables, the tables of the writer, and the users.

    The users have the grants of the playbook.
    """
    for schema in ("gogs", "cutover"):
        source.run(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    source.run(render_marker_table())
    source.run(*list_statements(), *SHAPES, *ROWS, schema="gogs")
    fill(source, "gogs", prefix=BUSY)
    # The grants of the playbook: assets/ansible/library/database_accounts.py.
    source.run(
        f"CREATE USER {APPLICATION}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT ALL PRIVILEGES ON gogs.* TO {APPLICATION}@'127.0.0.1'",
        f"CREATE USER {READER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO {READER}@'127.0.0.1'",
        *(f"GRANT SELECT ON {schema}.* TO {READER}@'127.0.0.1'" for schema in ("gogs", "cutover")),
    )


def create_machine(source: DatabaseServer, root: Path) -> Layout:
    """Create the file tree of the source's database machine, with the socket of this server."""
    for folder in ("run/mysqld", "var/lib/cutover", "etc/mysql/mysql.conf.d"):
        (root / folder).mkdir(parents=True)
    (root / "run/mysqld/mysqld.sock").symlink_to(source.socket)
    return Layout(root)


def connect_application(source: DatabaseServer) -> pymysql.Connection[Any]:
    """Open a connection of the site. The freeze ends it."""
    return pymysql.connect(
        host="127.0.0.1", port=source.port, user=APPLICATION, password=PASSWORD, database="gogs",
        autocommit=True, charset="utf8mb4"
    )  # fmt: skip


def build_endpoint(server: DatabaseServer, user: str) -> Json:
    """Return a server in the form that the engine accepts."""
    return {"host": "127.0.0.1", "port": server.port, "user": user, "password": PASSWORD}


def connect_client(server: DatabaseServer, user: str) -> AbstractContextManager[Connection]:
    """Open a connection as the product does."""
    return connect(
        DatabaseLogin(host="127.0.0.1", port=server.port, user=user, password=PASSWORD, verify=False), timeout=60
    )


def query(server: DatabaseServer) -> Callable[[str], list[str]]:
    """Return a function that reads rows with the command-line client of the server's product.

    The independent comparison reads rows in the same way.
    """
    socket = f"--socket={server.product.translate_folder(server.folder)}/s"
    options = (socket, "--default-character-set=utf8mb4", "--init-command=SET time_zone = '+00:00'", "-N", "-B")

    def run(statement: str) -> list[str]:
        command = server.product.build_client_command(server.folder, *options, "-e", statement)
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]

    return run
