"""The order in which the reader of a real server reads its settings files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cutover_site.database import freeze
from cutover_site.layout import Layout

pytestmark = pytest.mark.rehearsal


@pytest.mark.parametrize("last", ["mariadb.conf.d", "mysql.conf.d"])
def test_the_server_reads_the_settings_of_the_freeze_last(tmp_path: Path, last: str) -> None:
    base = tmp_path / "etc/mysql"
    for folder, names in (("conf.d", ["mysql.cnf"]), (last, ["50-server.cnf", "mysqld.cnf", "zz-cutover.cnf"])):
        (base / folder).mkdir(parents=True)
        for name in names:
            (base / folder / name).write_text("[mysqld]\nread_only = OFF\n")
    (base / "my.cnf").write_text(f"!includedir {base}/conf.d/\n!includedir {base}/{last}/\n")
    for path in Layout(tmp_path).database_freeze:
        path.write_text(freeze.SETTINGS)

    command = ["my_print_defaults", f"--defaults-file={base}/my.cnf", "mysqld"]
    options = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert options[-1] == "--read_only=ON"
    assert options.count("--read_only=OFF") == 4
