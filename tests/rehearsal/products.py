"""The database products that tests run, by name: the host's MariaDB, and others out of roots in the rehearsal's cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from rehearsal.settings import Settings
from rehearsal.world.database_roots import mariadb_root, mysql_root
from tests.rehearsal.dms.servers import DatabaseServer, database

SOURCES = ("mysql", "mariadb-10.11", "mariadb-11.8")
_SUITES = {"mariadb-10.11": "bookworm", "mariadb-11.8": "trixie"}
SOURCE_OPTIONS = (
    "--log-bin=binlog",
    "--binlog-format=ROW",
    "--binlog-row-image=FULL",
    "--binlog-expire-logs-seconds=172800",
)


@cache
def root(name: str) -> Path:
    """Raises RehearsalError when the product cannot be had: then its tests fail, they are not passed over."""
    folder = Settings.load(os.environ).cache
    return mysql_root(folder, print) if name == "mysql" else mariadb_root(folder, _SUITES[name], print)


@contextmanager
def server(name: str, folder: Path, server_id: int, *options: str) -> Iterator[DatabaseServer]:
    """A running server of that product, with its data in `folder`."""
    mysql = name == "mysql"
    with database(
        folder,
        server_id,
        *options,
        product="mysql" if mysql else "mariadb",
        root=root(name),
        template=_fresh_data() if mysql else None,
    ) as one:
        yield one


@cache
def _fresh_data() -> Path:
    """MySQL takes seconds to make its data folder: it is made once, and copied."""
    made = DatabaseServer(Path(mkdtemp(prefix="mysql-data-")), 0, 1, product="mysql", root_folder=root("mysql"))
    made.install()
    return made.folder / "data"
