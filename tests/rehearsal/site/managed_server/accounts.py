"""The accounts of the applications on a managed server."""

from __future__ import annotations

import pymysql
from cutover_site.database.connections import Connection, execute

APPLICATION, OTHER = "gogs", "tenant"


def write(connection: Connection, schema: str = "gogs.action") -> str:
    """Write a row. Return the error of the server, or an empty text."""
    try:
        execute(connection, f"INSERT INTO {schema} (v) VALUES (1)")
    except pymysql.err.MySQLError as error:
        return str(error.args[-1])
    return ""
