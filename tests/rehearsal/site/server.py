"""A private database server on a socket and a loopback port, with nothing of the system's configuration."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pymysql
from cutover_site.database.connections import Connection, Server
from cutover_site.layout import Layout

from rehearsal.world.authority import Authority
from tests.rehearsal.ports import free_port
from tests.rehearsal.site.products import MARIADB_10_11, NOBODY, product

START_SECONDS = 60.0


class DatabaseServer:
    def __init__(self, folder: Path, name: str = MARIADB_10_11, *options: str) -> None:
        self.product = product(name)
        self.folder, self.socket, self.port = folder, folder / "s", free_port()
        certificate, key = Authority(folder).issue("localhost", [])
        (folder / "server.crt").write_bytes(certificate)
        (folder / "server.key").write_bytes(key)
        if self.product.root is not None:
            for path in (folder, folder / "server.crt", folder / "server.key"):
                os.chown(path, NOBODY, NOBODY)
        self.product.install(folder)
        inside = self.product.inside(folder)
        command = self.product.command(
            folder, "mysqld" if self.product.is_mysql else "mariadbd", "--no-defaults", f"--datadir={inside}/data", *self.product.user(),
            f"--socket={inside}/s", f"--port={self.port}", "--bind-address=127.0.0.1", "--server-id=1", "--log-bin=binlog", "--binlog-format=ROW",
            "--max-allowed-packet=16M", f"--pid-file={inside}/pid", f"--ssl-cert={inside}/server.crt", f"--ssl-key={inside}/server.key",
            "--innodb-buffer-pool-size=64M", "--sync-binlog=0", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", *(("--mysqlx=OFF", "--secure-file-priv=NULL") if self.product.is_mysql else ()), *options,
        )  # fmt: skip
        self._log = (folder / "log").open("w")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while not self.socket.exists():  # made when the server listens
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError((folder / "log").read_text())
            time.sleep(0.1)
        if not self.product.is_mysql:
            with self.root() as connection, connection.cursor() as cursor:
                cursor.execute("DROP USER IF EXISTS ''@'localhost', ''@%s", (socket.gethostname(),))

    @property
    def is_mysql(self) -> bool:
        return self.product.is_mysql

    def root(self) -> Connection:
        """Return a connection of root, whose sessions are like the product's own but for sql_mode."""
        return pymysql.connect(unix_socket=str(self.socket), user="root", charset="utf8mb4", autocommit=True)

    def layout(self, folder: Path) -> Layout:
        """Return the layout of a machine below `folder`, on which this is the database server."""
        layout = Layout(folder)
        layout.database_socket.parent.mkdir(parents=True, exist_ok=True)
        layout.database_socket.unlink(missing_ok=True)
        layout.database_socket.symlink_to(self.socket)
        return layout

    def client(self, user: str, password: str) -> Server:
        return Server(host="127.0.0.1", port=self.port, user=user, password=password, verify=False)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        self._log.close()
