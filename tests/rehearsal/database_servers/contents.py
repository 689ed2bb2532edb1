"""The content of a schema, byte by byte, so that two servers of different products can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rehearsal.database_servers.server import DatabaseServer


def digest_schema(server: DatabaseServer, schema: str) -> dict[str, tuple[int, str]]:
    """Return the number of rows of every table, and a digest over them in the order of the primary key."""
    tables = server.query("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", schema)
    return {table: _digest_table(server, schema, table) for (table,) in sorted(tables)}


def _digest_table(server: DatabaseServer, schema: str, table: str) -> tuple[int, str]:
    columns = server.query(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
        " ORDER BY ordinal_position",
        schema,
        table,
    )
    parts, numbers = ["''"], ["NULL"]
    for name, kind in columns:
        if kind in ("float", "double"):  # CAST and CONCAT give different texts on the products
            numbers.append(f"`{name}` + 0e0")
        else:
            parts.append(f"COALESCE(SHA2(CAST(`{name}` AS BINARY), 256), '-')")
    connection = server.connect_root(schema)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION group_concat_max_len = 1073741824, time_zone = '+00:00'")
        cursor.execute(f"SELECT SHA2(CONCAT({', '.join(parts)}), 256) h, {', '.join(numbers)} FROM `{table}`")
        rows = sorted(" ".join(map(str, row)) for row in cursor.fetchall())
    connection.close()
    return len(rows), "".join(rows)
