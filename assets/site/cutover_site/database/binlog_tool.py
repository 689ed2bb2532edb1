"""The program that decodes a server's binary log. Each product's own: of a server of the other product it reads nothing or not everything."""

from __future__ import annotations

import shutil

from cutover_site.database.products import Product
from cutover_site.errors import CommandFailed
from cutover_site.system.commands import text

MARIADB_TOOLS = ("mariadb-binlog", "mysqlbinlog")
MYSQL_TOOLS = ("mysqlbinlog",)


def find_tool(server: Product) -> str | None:
    """Return the path of the tool that belongs to this product, None when it is not installed.

    The name is not enough: releases of MariaDB install theirs as mysqlbinlog too.
    """
    for name in MYSQL_TOOLS if server.mysql else MARIADB_TOOLS:
        path = shutil.which(name)
        if path is not None and _is_of_mysql(path) == server.mysql:
            return path
    return None


def _is_of_mysql(path: str) -> bool | None:
    """Return None when it does not run. Its version says nothing: it is 3.5 in MariaDB 10.11, 3.4 in MySQL 5.7. The help names the maker."""
    try:
        return "mariadb" not in text(path, "--no-defaults", "--help").lower()
    except CommandFailed:
        return None
