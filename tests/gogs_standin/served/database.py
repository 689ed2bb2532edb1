"""Runs a MariaDB for one session of tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pymysql

from tests.waiting import wait_until


@dataclass
class MariaDb:
    """A server in `folder`. As in production, the application's user is not the administrator."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "db.sock"

    def start(self) -> None:
        data = self.folder / "data"
        if not data.exists():
            subprocess.run(
                [
                    "mariadb-install-db",
                    "--no-defaults",
                    "--user=root",
                    f"--datadir={data}",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                ],
                check=True,
                capture_output=True,
            )
        program = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "these tests need mariadbd (package mariadb-server)"
        command = [
            program,
            "--no-defaults",
            "--user=root",
            f"--datadir={data}",
            f"--socket={self.socket}",
            f"--port={self.port}",
        ]
        command += [
            "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-log-bin",
            f"--log-error={self.folder}/db.log",
        ]
        self.process = subprocess.Popen([*command, *self.options], stderr=subprocess.DEVNULL)
        wait_until(self._listens, "mariadbd listens", seconds=60)
        self.run(
            "CREATE USER IF NOT EXISTS app@'127.0.0.1' IDENTIFIED BY 'app-pass'",
            "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES ON *.* TO app@'127.0.0.1'",
        )

    def _listens(self) -> bool:
        assert self.process is None or self.process.poll() is None, (self.folder / "db.log").read_text()[-2000:]
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements as the administrator and return the rows of the last one."""
        with (
            pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())
