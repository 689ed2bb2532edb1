"""Real database servers of the tests' own: private data, loopback only, ended by process id.

MariaDB of the host, or a server out of a root of its own (`rehearsal.world.database_roots`), run with that root as `/`.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pymysql

from tests.rehearsal.mounts import DROP_LOOP_MOUNTS
from tests.rehearsal.ports import free_port

START_SECONDS = 60.0
PASSWORD = "only in this test"
Product = Literal["mariadb", "mysql"]
# In a mount namespace of its own, so that nothing stays mounted in the shared root, whatever ends the server.
_INSIDE = f"""set -e
{DROP_LOOP_MOUNTS}
mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"; mount --bind "$2" "$1/home"
root=$1; shift 2; exec chroot "$root" "$@"
"""
_BINARY: dict[Product, str] = {"mariadb": "/usr/sbin/mariadbd", "mysql": "/usr/sbin/mysqld"}
_SMALL = {
    "mariadb": (),
    # Nothing is flushed: what is killed in a test is a process, never the machine.
    "mysql": (
        "--sync-binlog=0",
        "--innodb-doublewrite=OFF",
        "--innodb-flush-method=nosync",
        "--mysqlx=OFF",
        "--secure-file-priv=NULL",
        "--performance-schema=OFF",
        "--innodb-redo-log-capacity=32M",
        "--local-infile=1",
    ),
}


@dataclass
class DatabaseServer:
    """One server. `user` can replicate and read (a source), or do everything (a target). `root`: None for the host's MariaDB."""

    folder: Path
    port: int
    server_id: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    product: Product = "mariadb"
    root_folder: Path | None = None

    @property
    def _within(self) -> Path:
        """The server's folder, as the server sees it."""
        return Path("/home") if self.root_folder else self.folder

    def command(self, *words: str) -> list[str]:
        """Of the server's own distribution."""
        if self.root_folder is None:
            return list(words)
        return [
            "unshare", "--mount", "--propagation", "private", "sh", "-c", _INSIDE, "sh", str(self.root_folder), str(self.folder), *words
        ]  # fmt: skip

    def install(self) -> None:
        """Make the data folder; root needs no password."""
        if self.product == "mysql":
            words = ["/usr/sbin/mysqld", "--no-defaults", "--initialize-insecure", f"--datadir={self._within}/data", "--user=root"]  # fmt: skip
        else:
            words = ["mariadb-install-db", "--no-defaults", f"--datadir={self._within}/data", "--user=root", "--skip-test-db",
                     "--auth-root-authentication-method=normal", *(["--force"] if self.root_folder else [])]  # fmt: skip
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"no data folder: {done.stderr[-1000:]}{done.stdout[-1000:]}")

    def start(self) -> None:
        """Returns when it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(
                    _BINARY[self.product],
                    "--no-defaults",
                    f"--datadir={self._within}/data",
                    f"--socket={self._within}/s",
                    f"--tmpdir={self._within}",
                    f"--pid-file={self._within}/pid",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    f"--server-id={self.server_id}",
                    "--user=root",
                    "--innodb-buffer-pool-size=64M",
                    "--innodb-flush-log-at-trx-commit=2",
                    "--character-set-server=utf8mb4",
                    "--collation-server=utf8mb4_unicode_ci",
                    *_SMALL[self.product],
                    *self.options,
                ),
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
            "DROP USER IF EXISTS dms@'127.0.0.1'",
            f"CREATE USER dms@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
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
        parts, numbers = ["''"], ["NULL"]
        for name, kind in columns:
            if kind in ("float", "double"):  # neither CAST nor CONCAT prints them alike
                numbers.append(f"`{name}` + 0e0")
            else:
                parts.append(f"COALESCE(SHA2(CAST(`{name}` AS BINARY), 256), '-')")
        connection = self.root(schema)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION group_concat_max_len = 1073741824, time_zone = '+00:00'")
            cursor.execute(f"SELECT SHA2(CONCAT({', '.join(parts)}), 256) h, {', '.join(numbers)} FROM `{table}`")
            rows = sorted(" ".join(map(str, row)) for row in cursor.fetchall())
        connection.close()
        return len(rows), "".join(rows)


@contextmanager
def database(
    folder: Path,
    server_id: int,
    *options: str,
    product: Product = "mariadb",
    root: Path | None = None,
    template: Path | None = None,
) -> Iterator[DatabaseServer]:
    """`template`: the data folder of a server of the same kind that never ran, which is copied."""
    folder.mkdir(parents=True)
    server = DatabaseServer(folder, free_port(), server_id, options, product=product, root_folder=root)
    if template is None:
        server.install()
    else:
        shutil.copytree(template, folder / "data")
        (folder / "data/auto.cnf").unlink(missing_ok=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()
