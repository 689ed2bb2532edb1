"""Which tables were written since a position in the binary log. The log is the source's own record; the replication's counters lag behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from applications.profile import Database

from cutover_site.database.binlog_events import WRITES_ANYTHING, Event, SchemaSwitched, TableWritten
from cutover_site.database.binlog_listing import list_events
from cutover_site.database.connections import Connection
from cutover_site.database.positions import BinlogPosition


@dataclass(frozen=True)
class WrittenTables:
    """`tables` of the application's schemas, by label. `other_events`: how many events may have written anything.

    `switches`: how often a schema was made read-only or writable, which writes no row.
    """

    tables: frozenset[str]
    other_events: int
    switches: int = 0


def find_written_tables(connection: Connection, start: BinlogPosition, database: Database) -> WrittenTables:
    """Return what was written from `start` to now. `connection` should stream. Raises NotChecked when the log was purged or reset."""
    return collect_tables(list_events(connection, start), database)


def collect_tables(events: Iterable[Event], database: Database) -> WrittenTables:
    """Return which of the application's tables these events write."""
    labels: set[str] = set()
    other_events = switches = 0
    for event in events:
        if isinstance(event, TableWritten):
            if event.table.schema in database.schemas:
                labels.add(database.format_label(*event.table))
        elif isinstance(event, WRITES_ANYTHING):
            other_events += 1
        elif isinstance(event, SchemaSwitched):
            switches += 1
    return WrittenTables(frozenset(labels), other_events, switches)
