"""Which tables were written since a place in the binary log. The source's own word, not the replication's counters, which lag.

Reads what was logged since then and nothing else: the work grows with what changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pymysql
from applications.profile import Database

from cutover_site.database.connections import Connection, rows
from cutover_site.database.positions import BinlogPosition
from cutover_site.errors import NotChecked

# Of a Table_map event: `table_id: 27 (schema.table)`, the same from MySQL and MariaDB.
MAPPED = re.compile(r"^table_id: \d+ \((?P<schema>.+?)\.(?P<table>.+)\)")
WITHOUT_CHANGE = re.compile(r"^(use `.*?`; )?(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|# Dummy|GTID|FLUSH )", re.IGNORECASE)
ROWS = re.compile(r"^(Write|Update|Delete)_rows")
"""follow a Table_map that names their table"""
FRAME = {
    "Format_desc", "Previous_gtids", "Gtid_list", "Gtid", "Gtid_tagged", "Anonymous_Gtid", "Xid", "XA_prepare", "Rotate", "Stop", "Heartbeat",
    "Binlog_checkpoint", "Start_encryption", "Annotate_rows", "Rows_query", "Transaction_payload", "Intvar", "RAND", "User var",
}  # fmt: skip
"""Events that change no row by themselves. What is in a Transaction_payload is shown after it."""


@dataclass(frozen=True)
class Changes:
    """`tables` of the application's schemas, by label. `statements`: how many events are no row changes, or not known, so that anything may have changed."""

    tables: frozenset[str]
    statements: int


def since(connection: Connection, place: BinlogPosition, database: Database) -> Changes:
    """What was logged from `place` to now. `connection` should stream. Raises NotChecked when the log was purged meanwhile."""
    tables: set[str] = set()
    statements = 0
    try:
        for kind, info in _events(connection, place):
            if kind == "Table_map":
                mapped = MAPPED.match(info)
                if mapped is None:
                    raise NotChecked(f"the binary log names a table in a way that is not understood: {info[:100]}")
                if mapped["schema"] in database.schemas:
                    tables.add(database.label(mapped["schema"], mapped["table"]))
            elif not (WITHOUT_CHANGE.match(info) if kind == "Query" else kind in FRAME or ROWS.match(kind)):
                statements += 1
    except pymysql.err.MySQLError as error:
        raise NotChecked(
            f"the binary log cannot be read from {place.file}:{place.position}: {error.args[-1]}",
            next_action="is it kept long enough?",
        ) from error
    return Changes(frozenset(tables), statements)


def _events(connection: Connection, place: BinlogPosition) -> Iterator[tuple[str, str]]:
    sizes = {str(row[0]): int(row[1]) for row in rows(connection, "SHOW BINARY LOGS")}
    names = list(sizes)
    if place.file not in names:
        raise NotChecked(f"binary log {place.file} is gone", next_action="is it kept long enough?")
    if place.position > sizes[place.file]:  # MySQL would answer that nothing was logged
        raise NotChecked(
            f"binary log {place.file} is shorter than {place.position}: it was reset",
            next_action="deploy again, so that everything is compared",
        )
    for name in names[names.index(place.file) :]:
        start = f" FROM {place.position}" if name == place.file else ""
        with connection.cursor() as cursor:
            cursor.execute(f"SHOW BINLOG EVENTS IN %s{start}", (name,))
            while row := cursor.fetchone():
                yield str(row[2]), str(row[5])
