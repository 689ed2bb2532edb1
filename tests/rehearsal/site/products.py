"""The database servers that the tests run against: the host's MariaDB 10.11, MariaDB 11.8 and a real MySQL.

The last two run in roots of their own (`rehearsal.world.database_roots`). Where such a root cannot be built the tests fail with the reason;
REHEARSAL_DATABASE=mariadb leaves MySQL out on purpose.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.settings import Settings
from rehearsal.world.database_roots import mariadb_root, mysql_root
from tests.rehearsal.mounts import DROP_LOOP_MOUNTS

MARIADB_10_11, MARIADB_11_8, MYSQL = "mariadb-10.11", "mariadb-11.8", "mysql"
WITHOUT_MYSQL = os.environ.get("REHEARSAL_DATABASE") == "mariadb"
PRODUCTS = (MARIADB_10_11, MARIADB_11_8) if WITHOUT_MYSQL else (MARIADB_10_11, MARIADB_11_8, MYSQL)
PAIRS = tuple((source, PRODUCTS[-1]) for source in PRODUCTS)
"""source and target; the target is what RDS is, where MySQL is to be had"""
NOBODY = 65534
INSIDE = "/tmp"
"""where a server in a root finds its own folder"""
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"
# The mount is private to the server's process and gone with it.
_ENTER = f"""{DROP_LOOP_MOUNTS}
mount --bind "$1" "$2$3"; root=$2; shift 3; exec chroot --userspec=65534:65534 "$root" "$@"
"""


@dataclass(frozen=True)
class Product:
    """How one server is installed and started. `folder` is its own, on the host and, where it has a root, in there."""

    name: str
    root: Path | None

    @property
    def is_mysql(self) -> bool:
        return self.name == MYSQL

    def command(self, folder: Path, program: str, *arguments: str) -> list[str]:
        """Return the command that runs `program` as an unprivileged user of the product's root, or on the host."""
        if self.root is None:
            return [shutil.which(program, path=_PATH) or program, *arguments]
        enter = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", _ENTER, "sh"]
        return [*enter, str(folder), str(self.root), INSIDE, program, *arguments]

    def inside(self, folder: Path) -> str:
        return INSIDE if self.root is not None else str(folder)

    def user(self) -> Sequence[str]:
        if self.root is not None:
            return ()
        return (f"--user={os.environ.get('USER', 'root')}",) if os.geteuid() == 0 else ()

    def install(self, folder: Path) -> None:
        data = f"--datadir={self.inside(folder)}/data"
        if self.is_mysql:
            setup = self.command(folder, "mysqld", "--no-defaults", "--initialize-insecure", data)
        else:
            options = ("--no-defaults", data, *self.user(), "--auth-root-authentication-method=normal", "--force")
            setup = self.command(folder, "mariadb-install-db", *options)
        done = subprocess.run(setup, capture_output=True, text=True, env={**os.environ, "PATH": _PATH}, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def tool(self, folder: Path) -> Path:
        """Return a folder that has this product's binary log tool under its own name, to run on the host."""
        name = "mysqlbinlog" if self.is_mysql else "mariadb-binlog"
        tools = folder / "tools"
        tools.mkdir(exist_ok=True)
        if self.root is None:
            (tools / name).symlink_to(shutil.which(name, path=_PATH) or name)
            return tools
        loader = next((self.root / "usr").glob("lib*/**/ld-linux-*.so.*"))
        libraries = ":".join(str(path) for path in (self.root / "usr/lib").glob("*-linux-gnu"))
        script = tools / name
        script.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} {self.root}/usr/bin/{name} "$@"\n')
        script.chmod(0o755)
        return tools


def product(name: str) -> Product:
    """Raises RehearsalError when its root cannot be built."""
    cache = Settings.load(os.environ).cache
    if name == MARIADB_10_11:
        return Product(name, None)
    if name == MYSQL:
        return Product(name, mysql_root(cache, print))
    return Product(name, mariadb_root(cache, "trixie", print))
