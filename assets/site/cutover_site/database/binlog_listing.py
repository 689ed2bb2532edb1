"""Read the binary log by SHOW BINLOG EVENTS, which every server supports and which names tables. It returns only events after a position."""

from __future__ import annotations

from collections.abc import Iterator

import pymysql
import pymysql.cursors

from cutover_site.database.binlog_events import Event, classify
from cutover_site.database.connections import Connection, fetch_rows
from cutover_site.database.positions import BinlogPosition
from cutover_site.errors import NotChecked


def list_events(connection: Connection, start: BinlogPosition) -> Iterator[Event]:
    """Yield the events from `start` to the end of the last log. `connection` should stream. Raises NotChecked when the log was purged or reset."""
    try:
        yield from _list_events(connection, start)
    except pymysql.err.MySQLError as error:
        raise NotChecked(
            f"the binary log cannot be read from {start.file}:{start.position}: {error.args[-1]}",
            next_action="is it kept long enough?",
        ) from error


def _list_events(connection: Connection, start: BinlogPosition) -> Iterator[Event]:
    sizes = {str(row[0]): int(row[1]) for row in fetch_rows(connection, "SHOW BINARY LOGS")}
    names = list(sizes)
    if start.file not in names:
        raise NotChecked(f"binary log {start.file} is gone", next_action="is it kept long enough?")
    if start.position > sizes[start.file]:  # MySQL would return that nothing was logged
        raise NotChecked(
            f"binary log {start.file} is shorter than {start.position}: it was reset",
            next_action="deploy again, so that everything is compared",
        )
    for name in names[names.index(start.file) :]:
        place = f" FROM {start.position}" if name == start.file else ""
        with connection.cursor() as cursor:
            _execute_undecoded(connection, cursor, f"SHOW BINLOG EVENTS IN %s{place}", name)
            while row := cursor.fetchone():
                yield classify(_decode(row[2]), _decode(row[5]))


def _execute_undecoded(connection: Connection, cursor: pymysql.cursors.Cursor, query: str, name: str) -> None:
    """Run a query whose text columns are returned as bytes.

    The text of an event may be a statement as its client sent it, in any character set and with the bytes of a blob. MariaDB logs the statement of
    each change of rows (binlog_annotate_row_events). PyMySQL would raise UnicodeDecodeError.
    """
    connection.use_unicode = False
    try:
        cursor.execute(query, (name,))
    finally:
        connection.use_unicode = True


def _decode(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
