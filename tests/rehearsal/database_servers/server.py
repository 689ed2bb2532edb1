"""A real database server of one test.

It has its own data, listens only on the loopback interface, reads no configuration of the host, and is stopped by
process id.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
from cutover_site.database.login import DatabaseLogin
from cutover_site.layout import Layout

from rehearsal.world.authority import Authority
from tests.rehearsal.database_servers.contents import digest_schema
from tests.rehearsal.database_servers.install import install
from tests.rehearsal.database_servers.products import SEARCH_PATH, Product, find_product
from tests.rehearsal.ports import find_free_port

START_SECONDS = 60.0
PASSWORD = "only in this test"
SOURCE_OPTIONS = (
    "--log-bin=binlog",
    "--binlog-format=ROW",
    "--binlog-row-image=FULL",
    "--binlog-expire-logs-seconds=172800",
)
"""the options that a source of a migration needs"""
UNICODE_OPTIONS = ("--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci")
"""a common default; the products have different defaults"""


@dataclass
class DatabaseServer:
    """One server in `folder`. It can be stopped and started, and its data folder can be replaced in between."""

    folder: Path
    product: Product
    port: int
    server_id: int = 1
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "s"

    @property
    def is_mysql(self) -> bool:
        return self.product.is_mysql

    def start(self) -> None:
        """Start the server and wait until it listens. Raises RuntimeError with the end of its log if it does not."""
        inside = self.product.translate_folder(self.folder)
        command = self.product.build_server_command(
            self.folder,
            f"--datadir={inside}/data",
            f"--socket={inside}/s",
            f"--tmpdir={inside}",
            f"--pid-file={inside}/pid",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--server-id={self.server_id}",
            "--innodb-buffer-pool-size=64M",
            *self.options,
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "PATH": SEARCH_PATH}
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.socket.exists():  # exists as soon as the server listens
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.product.name} does not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        if self.process is not None:
            (self.process.kill if kill else self.process.terminate)()
            self.process.wait(60)
            self.socket.unlink(missing_ok=True)

    def connect_root(self, schema: str | None = None) -> pymysql.Connection[Any]:
        """Return a connection of root. Its session settings are those of the product, except sql_mode."""
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", database=schema, autocommit=True, charset="utf8mb4"
        )

    def run(self, *statements: str, schema: str | None = None) -> None:
        with self.connect_root(schema) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def query(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with self.connect_root() as connection, connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return list(cursor.fetchall())

    def digest(self, schema: str) -> dict[str, tuple[int, str]]:
        return digest_schema(self, schema)

    def create_account(self, *grants: str) -> dict[str, Any]:
        """Create the user `dms` with these grants and return the server in the form that the engine accepts."""
        self.run(
            "DROP USER IF EXISTS dms@'127.0.0.1'",
            f"CREATE USER dms@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            *(f"GRANT {grant} TO dms@'127.0.0.1'" for grant in grants),
        )
        return {"host": "127.0.0.1", "port": self.port, "user": "dms", "password": PASSWORD}

    def build_login(self, user: str, password: str) -> DatabaseLogin:
        """Return this server in the form that the tool accepts."""
        return DatabaseLogin(host="127.0.0.1", port=self.port, user=user, password=password, verify=False)

    def build_layout(self, folder: Path) -> Layout:
        """Return the layout of a machine below `folder`, on which this is the database server."""
        layout = Layout(folder)
        layout.database_socket.parent.mkdir(parents=True, exist_ok=True)
        layout.database_socket.unlink(missing_ok=True)
        layout.database_socket.symlink_to(self.socket)
        return layout


@contextmanager
def running(name: str, folder: Path, *options: str, server_id: int = 1, tls: bool = False) -> Iterator[DatabaseServer]:
    """Run a server of this product with its data in `folder`. With `tls` it has a certificate for localhost."""
    folder.mkdir(parents=True, exist_ok=True)
    made = find_product(name)
    if tls:
        options = (*_write_certificate(folder, made.translate_folder(folder)), *options)
    server = DatabaseServer(folder, made, find_free_port(), server_id, options)
    install(made, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _write_certificate(folder: Path, inside: Path) -> tuple[str, ...]:
    certificate, key = Authority(folder).issue_certificate("localhost", [])
    (folder / "server.crt").write_bytes(certificate)
    (folder / "server.key").write_bytes(key)
    return f"--ssl-cert={inside}/server.crt", f"--ssl-key={inside}/server.key"
