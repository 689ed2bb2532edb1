"""The database products that tests run: the host's MariaDB 10.11, and MariaDB 11.8 and MySQL out of roots in the
rehearsal's cache.

Where a root cannot be built (`rehearsal.world.database_roots`) its tests fail with the reason.
REHEARSAL_DATABASE=mariadb leaves MySQL out on purpose: then MariaDB 11.8 stands for what RDS runs, and tests of MySQL
alone are skipped.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from rehearsal.settings import Settings
from rehearsal.world.database_roots import mariadb_root, mysql_root
from tests.rehearsal.database_servers import roots

MARIADB_10_11, MARIADB_11_8, MYSQL = "mariadb-10.11", "mariadb-11.8", "mysql"
HAS_MYSQL = os.environ.get("REHEARSAL_DATABASE") != "mariadb"
PRODUCTS = (MARIADB_10_11, MARIADB_11_8, MYSQL) if HAS_MYSQL else (MARIADB_10_11, MARIADB_11_8)
RDS = PRODUCTS[-1]
"""the product that stands for what RDS runs"""
PAIRS = tuple((source, RDS) for source in PRODUCTS)
"""source and target"""
SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"
_FASTER = ("--sync-binlog=0", "--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync")
"""Nothing is flushed: what is killed in a test is a process, never the machine."""
_SMALLER_MYSQL = (
    "--innodb-doublewrite=OFF",
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
    "--performance-schema=OFF",
    "--innodb-redo-log-capacity=32M",
    "--local-infile=1",
)


@dataclass(frozen=True)
class Product:
    """One release of a database server. `root`: None for the host's own."""

    name: str
    root: Path | None

    @property
    def is_mysql(self) -> bool:
        return self.name == MYSQL

    @property
    def server_options(self) -> tuple[str, ...]:
        return (*_FASTER, *(_SMALLER_MYSQL if self.is_mysql else ()))

    def command(self, folder: Path, program: str, *arguments: str) -> list[str]:
        """Return the command that runs a program of this product. Paths in `arguments` are below
        `folder_inside(folder)`.
        """
        if self.root is None:
            return [shutil.which(program, path=SEARCH_PATH) or program, *arguments]
        return roots.enter(self.root, folder, [program, *arguments])

    def folder_inside(self, folder: Path) -> Path:
        """Return where a program of this product finds the host's `folder`."""
        return folder if self.root is None else roots.FOLDER

    def server_command(self, folder: Path, *options: str) -> list[str]:
        program = "mysqld" if self.is_mysql else "mariadbd"
        return self.command(folder, program, "--no-defaults", "--user=root", *self.server_options, *options)

    def client_command(self, folder: Path, *options: str) -> list[str]:
        program = "mysql" if self.is_mysql else "mariadb"
        return self.command(folder, program, "--no-defaults", "--user=root", *options)

    def install_command(self, folder: Path, data: Path) -> list[str]:
        """Return the command that makes the data folder `data`, in which root needs no password."""
        options = ("--no-defaults", "--user=root", f"--datadir={data}")
        if self.is_mysql:
            return self.command(folder, "mysqld", *options, "--initialize-insecure")
        without = ("--skip-test-db", "--auth-root-authentication-method=normal", "--force")
        return self.command(folder, "mariadb-install-db", *options, *without)

    def binary_log_tool(self, folder: Path) -> Path:
        """Return a folder that has this product's binary log tool under its own name, to run on the host."""
        name = "mysqlbinlog" if self.is_mysql else "mariadb-binlog"
        tools = folder / "tools"
        tools.mkdir(exist_ok=True)
        if self.root is None:
            (tools / name).symlink_to(shutil.which(name, path=SEARCH_PATH) or name)
        else:
            roots.write_launcher(self.root, f"usr/bin/{name}", tools / name)
        return tools


@cache
def product(name: str) -> Product:
    """Return the product of that name. Raises RehearsalError when its root cannot be built; skips the test of a MySQL
    that is left out.
    """
    if name == MYSQL and not HAS_MYSQL:
        pytest.skip("REHEARSAL_DATABASE=mariadb leaves MySQL out")
    folder = Settings.load(os.environ).cache
    if name == MARIADB_10_11:
        return Product(name, None)
    return Product(name, mysql_root(folder, print) if name == MYSQL else mariadb_root(folder, "trixie", print))
