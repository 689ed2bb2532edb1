"""A frozen database stays frozen after a restart: the server reads the settings of the freeze last, on Debian and on Ubuntu."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.database.freeze import SETTINGS
from cutover_site.layout import Layout

ROLE = Path(__file__).parents[3] / "assets/ansible/roles/database/tasks/main.yml"
DEBIAN = ("conf.d", "mariadb.conf.d")
UBUNTU = ("conf.d", "mysql.conf.d")
"""folders in the order in which the server reads them (!includedir); it reads the files of a folder by name"""
OTHERS = ("50-server.cnf", "mysqld.cnf", "zz-cutover.cnf", "zz-local.cnf")


def read_values(base: Path, folders: tuple[str, ...]) -> list[str]:
    """Return the values of read_only in the order in which a server reads them."""
    files = [path for folder in folders for path in sorted((base / folder).glob("*.cnf"))]
    lines = [line for path in files for line in path.read_text().splitlines()]
    return [line.partition("=")[2].strip() for line in lines if line.startswith("read_only")]


@pytest.mark.parametrize("folders", [DEBIAN, UBUNTU, ("conf.d",), ("conf.d", "mysql.conf.d", "mariadb.conf.d")])
def test_the_settings_of_the_freeze_are_read_last(tmp_path: Path, folders: tuple[str, ...]) -> None:
    base = tmp_path / "etc/mysql"
    for folder in folders:
        (base / folder).mkdir(parents=True)
        for name in OTHERS:
            (base / folder / name).write_text("[mysqld]\nread_only = OFF\n")
    for path in Layout(tmp_path).database_freeze:
        path.write_text(SETTINGS)

    assert read_values(base, folders)[-1] == "ON"


def test_the_settings_file_of_the_role_is_one_of_the_tested_files() -> None:
    assert "/zz-cutover.cnf" in ROLE.read_text()
