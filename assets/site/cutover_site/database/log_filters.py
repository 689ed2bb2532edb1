"""Find schemas whose changes are not in the binary log. Neither the replication nor the comparison in the window would see a write to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cutover_site.database.connections import Connection
from cutover_site.database.variables import fetch_named_rows

STATEMENTS = ("SHOW MASTER STATUS", "SHOW BINARY LOG STATUS")
"""the second is the only name since MySQL 8.4"""


def find_unlogged(connection: Connection, schemas: Sequence[str]) -> list[str]:
    """Return those of `schemas` that binlog_do_db or binlog_ignore_db keep out of the binary log. Empty when the server writes no log at all."""
    for statement in STATEMENTS:
        rows = fetch_named_rows(connection, statement)
        if rows is not None:
            return [
                name
                for row in rows
                for name in select_unlogged(schemas, _split(row["Binlog_Do_DB"]), _split(row["Binlog_Ignore_DB"]))
            ]
    return list(schemas)  # the filters are not known


def select_unlogged(schemas: Sequence[str], only: Collection[str], never: Collection[str]) -> list[str]:
    """Return the schemas that these filters leave out. A server that has an `only` list ignores the other. Pure.

    MySQL 8.4 manual 19.2.5.1, "Evaluation of Database-Level Replication and Binary Logging Options".
    """
    return [name for name in schemas if (name not in only if only else name in never)]


def _split(names: object) -> list[str]:
    return [name for name in str(names or "").split(",") if name]
