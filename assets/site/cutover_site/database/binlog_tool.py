"""Find the program that decodes a server's binary log. Each product needs its own, because the other one's reads the log partly or not at all."""

from __future__ import annotations

import shutil

from cutover_site.database.products import Product
from cutover_site.errors import CommandFailed
from cutover_site.system.commands import read_output

MARIADB_TOOLS = ("mariadb-binlog", "mysqlbinlog")
MYSQL_TOOLS = ("mysqlbinlog",)


def find_tool(server: Product) -> str | None:
    """Return the path of this product's tool, None when it is not installed.

    The name alone does not identify it: some releases of MariaDB install their tool as mysqlbinlog too.
    """
    for name in MYSQL_TOOLS if server.mysql else MARIADB_TOOLS:
        path = shutil.which(name)
        if path is not None and _is_of_mysql(path) == server.mysql:
            return path
    return None


def _is_of_mysql(path: str) -> bool | None:
    """Return whether the tool is MySQL's, None when it does not run.

    Only its help names the product. The versions overlap: 3.5 in MariaDB 10.11, 3.4 in MySQL 5.7.
    """
    try:
        return "mariadb" not in read_output(path, "--no-defaults", "--help").lower()
    except CommandFailed:
        return None
