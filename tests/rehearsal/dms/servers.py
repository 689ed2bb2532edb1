"""Real database servers of the tests' own: private data, loopback only, ended by process id."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from tests.rehearsal.ports import free_port

START_SECONDS = 60.0
PASSWORD = "only in this test"


@dataclass
class DatabaseServer:
    """One MariaDB server. `user` can replicate and read (a source), or do everything (a target)."""

    folder: Path
    port: int
    server_id: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    "/usr/sbin/mariadbd",
                    "--no-defaults",
                    f"--datadir={self.folder / 'data'}",
                    f"--socket={self.folder / 's'}",
                    f"--tmpdir={self.folder}",
                    f"--pid-file={self.folder / 'pid'}",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    f"--server-id={self.server_id}",
                    "--user=root",
                    "--innodb-buffer-pool-size=64M",
                    "--innodb-flush-log-at-trx-commit=2",
                    "--character-set-server=utf8mb4",
                    "--collation-server=utf8mb4_unicode_ci",
                    *self.options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not (self.folder / "s").exists():  # made when the server listens
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no database server: see {self.folder / 'log'}")
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        if self.process is not None:
            (self.process.kill if kill else self.process.terminate)()
            self.process.wait(60)
            (self.folder / "s").unlink(missing_ok=True)

    def root(self, schema: str | None = None) -> pymysql.Connection[Any]:
        return pymysql.connect(
            unix_socket=str(self.folder / "s"), user="root", database=schema, autocommit=True, charset="utf8mb4"
        )

    def run(self, *statements: str, schema: str | None = None) -> None:
        connection = self.root(schema)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def ask(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        connection = self.root()
        with connection.cursor() as cursor:
            cursor.execute(query, arguments)
            found = list(cursor.fetchall())
        connection.close()
        return found

    def account(self, *grants: str) -> dict[str, Any]:
        """The user `dms`, with these grants; answers it as the engine takes a server."""
        self.run(
            f"CREATE OR REPLACE USER dms@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            *(f"GRANT {grant} TO dms@'127.0.0.1'" for grant in grants),
        )
        return {"host": "127.0.0.1", "port": self.port, "user": "dms", "password": PASSWORD}

    def digest(self, schema: str) -> dict[str, tuple[int, str]]:
        """Every table of a schema, byte by byte: rows, and one digest over all of them in the order of the primary key."""
        tables = [
            row[0]
            for row in self.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", schema)
        ]
        return {table: self._digest(schema, table) for table in sorted(tables)}

    def _digest(self, schema: str, table: str) -> tuple[int, str]:
        columns = self.ask(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
            " ORDER BY ordinal_position",
            schema,
            table,
        )
        parts = []
        for name, kind in columns:
            value = f"`{name}` + 0e0" if kind in ("float", "double") else f"CAST(`{name}` AS BINARY)"
            parts.append(f"COALESCE(SHA1({value}), '-')")
        connection = self.root(schema)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION group_concat_max_len = 1073741824, time_zone = '+00:00'")
            cursor.execute(f"SELECT SHA1(CONCAT({', '.join(parts)})) h FROM `{table}` ORDER BY h")
            rows = [row[0] for row in cursor.fetchall()]
        connection.close()
        return len(rows), "".join(rows)


@contextmanager
def database(folder: Path, server_id: int, *options: str) -> Iterator[DatabaseServer]:
    folder.mkdir(parents=True)
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={folder / 'data'}", "--user=root", "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    server = DatabaseServer(folder, free_port(), server_id, options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
