"""A private MariaDB server on a socket and a loopback port, with nothing of the system's configuration."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pymysql
from cutover_site.database.connections import Connection, Server

from rehearsal.world.authority import Authority
from tests.rehearsal.ports import free_port

BINARIES = "/usr/sbin:/usr/bin:/usr/local/bin"


class DatabaseServer:
    def __init__(self, folder: Path) -> None:
        self.socket, self.port = folder / "s", free_port()
        certificate, key = Authority(folder).issue("localhost", [])
        (folder / "server.crt").write_bytes(certificate)
        (folder / "server.key").write_bytes(key)
        user = [f"--user={os.environ.get('USER', 'root')}"] if os.geteuid() == 0 else []
        data = f"--datadir={folder / 'data'}"
        setup = ["mariadb-install-db", "--no-defaults", data, *user, "--auth-root-authentication-method=normal"]
        subprocess.run(setup, check=True, capture_output=True, env={**os.environ, "PATH": BINARIES})
        command = [
            shutil.which("mariadbd", path=BINARIES) or "mariadbd", "--no-defaults", data, *user, f"--socket={self.socket}", f"--port={self.port}",
            "--bind-address=127.0.0.1", "--server-id=1", "--log-bin=binlog", "--binlog-format=ROW", "--max-allowed-packet=16M", f"--pid-file={folder / 'pid'}",
            f"--ssl-cert={folder / 'server.crt'}", f"--ssl-key={folder / 'server.key'}",
        ]  # fmt: skip
        self._log = (folder / "log").open("w")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while not self.socket.exists():  # made when the server listens
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError((folder / "log").read_text())
            time.sleep(0.1)
        with self.root() as connection, connection.cursor() as cursor:
            cursor.execute("DROP USER IF EXISTS ''@'localhost', ''@%s", (socket.gethostname(),))

    def root(self) -> Connection:
        return pymysql.connect(unix_socket=str(self.socket), user="root", charset="utf8mb4", autocommit=True)

    def client(self, user: str, password: str) -> Server:
        return Server(host="127.0.0.1", port=self.port, user=user, password=password, verify=False)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()
