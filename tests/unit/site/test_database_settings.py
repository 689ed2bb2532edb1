"""A database that was frozen stays so over a restart: its settings are the last that the server reads, on Debian and on Ubuntu."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.database.freeze import SETTINGS
from cutover_site.layout import Layout

ROLE = Path(__file__).parents[3] / "assets/ansible/roles/database/tasks/main.yml"
DEBIAN = ("conf.d", "mariadb.conf.d")
UBUNTU = ("conf.d", "mysql.conf.d")
"""in the order in which each reads them (!includedir); files in a folder by name"""
OTHERS = ("50-server.cnf", "mysqld.cnf", "zz-cutover.cnf", "zz-local.cnf")


def _read(base: Path, folders: tuple[str, ...]) -> list[str]:
    """Values of read_only in the order in which a server takes them."""
    files = [path for folder in folders for path in sorted((base / folder).glob("*.cnf"))]
    lines = [line for path in files for line in path.read_text().splitlines()]
    return [line.partition("=")[2].strip() for line in lines if line.startswith("read_only")]


@pytest.mark.parametrize("folders", [DEBIAN, UBUNTU, ("conf.d",), ("conf.d", "mysql.conf.d", "mariadb.conf.d")])
def test_the_freeze_is_read_last(tmp_path: Path, folders: tuple[str, ...]) -> None:
    base = tmp_path / "etc/mysql"
    for folder in folders:
        (base / folder).mkdir(parents=True)
        for name in OTHERS:
            (base / folder / name).write_text("[mysqld]\nread_only = OFF\n")
    for path in Layout(tmp_path).database_freeze:
        path.write_text(SETTINGS)

    assert _read(base, folders)[-1] == "ON"


def test_the_roles_own_file_is_among_the_others() -> None:
    assert "/zz-cutover.cnf" in ROLE.read_text()
