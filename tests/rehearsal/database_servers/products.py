"""The database products of the tests: the host's MariaDB 10.11, and MariaDB 11.8 and MySQL in roots of the
rehearsal's cache.

If a root cannot be built (`rehearsal.world.database_roots`), its tests fail with the reason.
REHEARSAL_DATABASE=mariadb omits MySQL. Then MariaDB 11.8 takes the role of RDS, and tests that need MySQL are
skipped.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from rehearsal.settings import Settings
from rehearsal.world.database_roots import make_mariadb_root, make_mysql_root
from tests.rehearsal.database_servers import roots

MARIADB_10_11, MARIADB_11_8, MYSQL = "mariadb-10.11", "mariadb-11.8", "mysql"
HAS_MYSQL = os.environ.get("REHEARSAL_DATABASE") != "mariadb"
PRODUCTS = (MARIADB_10_11, MARIADB_11_8, MYSQL) if HAS_MYSQL else (MARIADB_10_11, MARIADB_11_8)
RDS = PRODUCTS[-1]
"""the product in the role of RDS"""
PAIRS = tuple((source, RDS) for source in PRODUCTS)
"""source and target"""
SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"
_FASTER = ("--sync-binlog=0", "--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync")
"""no flush to the disk, because a test kills processes and never the machine"""
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
    """One release of a database server. `root` is None for the host's own."""

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

    def translate_folder(self, folder: Path) -> Path:
        """Return the path of the host's `folder` for a program of this product."""
        return folder if self.root is None else roots.FOLDER

    def build_server_command(self, folder: Path, *options: str) -> list[str]:
        program = "mysqld" if self.is_mysql else "mariadbd"
        return self.command(folder, program, "--no-defaults", "--user=root", *self.server_options, *options)

    def build_client_command(self, folder: Path, *options: str) -> list[str]:
        program = "mysql" if self.is_mysql else "mariadb"
        return self.command(folder, program, "--no-defaults", "--user=root", *options)

    def install_command(self, folder: Path, data: Path) -> list[str]:
        """Return the command that creates the data folder `data`, in which root needs no password."""
        options = ("--no-defaults", "--user=root", f"--datadir={data}")
        if self.is_mysql:
            return self.command(folder, "mysqld", *options, "--initialize-insecure")
        without = ("--skip-test-db", "--auth-root-authentication-method=normal", "--force")
        return self.command(folder, "mariadb-install-db", *options, *without)

    def install_binary_log_tool(self, folder: Path) -> Path:
        """Return a folder with this product's binary log tool under its own name, for use on the host."""
        name = "mysqlbinlog" if self.is_mysql else "mariadb-binlog"
        tools = folder / "tools"
        tools.mkdir(exist_ok=True)
        if self.root is None:
            (tools / name).symlink_to(shutil.which(name, path=SEARCH_PATH) or name)
        else:
            roots.write_launcher(self.root, f"usr/bin/{name}", tools / name)
        return tools


@cache
def find_product(name: str) -> Product:
    """Return the product with this name, or skip the test if it needs an omitted MySQL.

    Raises RehearsalError if its root cannot be built.
    """
    if name == MYSQL and not HAS_MYSQL:
        pytest.skip("REHEARSAL_DATABASE=mariadb omits MySQL")
    folder = Settings.load(os.environ).cache
    if name == MARIADB_10_11:
        return Product(name, None)
    return Product(
        name, make_mysql_root(folder, print) if name == MYSQL else make_mariadb_root(folder, "trixie", print)
    )
