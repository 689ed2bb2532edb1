"""Assemble the transactions of the source from the events of its binary log."""

from __future__ import annotations

from typing import Any

from pymysqlreplication.event import (  # type: ignore[import-untyped]
    MariadbGtidEvent,
    QueryEvent,
    RotateEvent,
    XAPrepareEvent,
    XidEvent,
)
from pymysqlreplication.row_event import (  # type: ignore[import-untyped]
    DeleteRowsEvent,
    PartialUpdateRowsEvent,
    RowsEvent,
    UpdateRowsEvent,
    WriteRowsEvent,
)

from rehearsal.dms.engine import ddl, events
from rehearsal.dms.engine.changes import Change, Inbox, Kind, Statement, Transaction
from rehearsal.dms.engine.databases import Position
from rehearsal.dms.engine.decode import NotCarried, decode_images
from rehearsal.dms.engine.failures import TableFailed, TaskFailed
from rehearsal.dms.engine.logged_tables import LoggedTables
from rehearsal.dms.engine.tables import Table


def _skip_status_variables(event: Any, _: int) -> None:
    """Skip the settings in a Query event, because the reader needs none of them.

    The package stops at those that it does not know, and newer servers log more of them (MariaDB 11.5 `character_set_collations`,
    MySQL with statement logging): called with the first key, this leaves nothing for the others.
    """
    event.packet.advance(event.status_vars_length - 1)


QueryEvent._read_status_vars_value_for_key = _skip_status_variables


class Assembler:
    """Puts transactions into the inbox."""

    def __init__(self, start: Position, inbox: Inbox, tables: LoggedTables) -> None:
        self._inbox, self._tables = inbox, tables
        self._changes: list[Change] = []
        self._failures: list[TableFailed] = []
        self._bytes = 0
        self._open = False
        """whether the last event is inside a transaction, where no position may become the checkpoint"""
        self._position = self._sent_position = start
        self._event_time = self._received_at = 0.0

    def take(self, event: Any, position: Position, *, event_time: float, received_at: float) -> None:
        """Take an event that ends at this position. Raises TaskFailed. `event_time`: by the source's clock, `received_at`: by ours."""
        self._position, self._event_time, self._received_at = position, event_time, received_at
        self._handle_event(event)

    def end_at(self, position: Position, received_at: float) -> None:
        """Record that the log ends here. The last event may be no transaction, but the log ends behind it.

        So it is after a restart of the source: its new log begins with events about the log itself.
        """
        if position > self._sent_position and not self._open:
            self._position = position
            self._send(Transaction(position, received_at, received_at))

    def _send(self, transaction: Transaction) -> None:
        """Pass the transaction to the applier, which then has everything up to its end."""
        self._sent_position = transaction.end
        self._inbox.put(transaction)

    def _handle_event(self, event: Any) -> None:
        if isinstance(event, RowsEvent):
            self._open = True
            self._handle_rows(event)
        elif isinstance(event, XidEvent):
            self._commit()
        elif isinstance(event, QueryEvent):
            self._query(event)
        elif isinstance(event, XAPrepareEvent):
            raise TaskFailed(events.XA)
        elif isinstance(event, MariadbGtidEvent):
            if event.flags & events.MARIADB_XA:
                raise TaskFailed(events.XA)
            self._open = not event.flags & events.MARIADB_STANDALONE
        elif isinstance(event, RotateEvent):
            self._rotate()
        elif reason := events.find_rejection_reason(event.event_type, event.packet.flags):
            raise TaskFailed(reason)

    def _rotate(self) -> None:
        """Continue in the next file. A transaction that the old file does not end was never committed: the source crashed."""
        self._changes, self._failures, self._bytes, self._open = [], [], 0, False
        self._send(Transaction(self._position, self._event_time, self._received_at))

    def _handle_rows(self, event: Any) -> None:
        name = (event.schema, event.table)
        try:
            table = self._tables.find(name, event.columns)
            if table is None:
                return
            self._decode(event, table)
        except NotCarried as error:
            self._failures.append(TableFailed(name, str(error)))
        except UnicodeDecodeError as error:
            self._failures.append(TableFailed(name, f"text that is not in the column's character set ({error.reason})"))
        except TableFailed as error:
            self._failures.append(error)

    def _decode(self, event: Any, table: Table) -> None:
        if isinstance(event, PartialUpdateRowsEvent):
            raise TaskFailed("binlog_row_value_options must be empty at the source: a part of a JSON value was logged")
        bitmaps = [event.columns_present_bitmap]
        if isinstance(event, UpdateRowsEvent):
            bitmaps.append(event.columns_present_bitmap2)
        present = [int.from_bytes(bitmap, "little") for bitmap in bitmaps]
        # MariaDB 11.8 leaves virtual columns out of every image; the target computes them itself.
        if any(not bits >> number & 1 for bits in present for number in table.written):
            raise TaskFailed("binlog_row_image must be FULL at the source: a row without all of its columns was logged")
        data = event.packet.read(event.event_size - event.packet.read_bytes)
        self._bytes += len(data)
        rows = decode_images(data, event.columns, table.columns, present)
        if isinstance(event, UpdateRowsEvent):
            for before in rows:
                self._add(table, "update", before, next(rows))
        elif isinstance(event, WriteRowsEvent):
            for after in rows:
                self._add(table, "insert", None, after)
        elif isinstance(event, DeleteRowsEvent):
            for before in rows:
                self._add(table, "delete", before, None)

    def _add(self, table: Table, kind: Kind, before: list[Any] | None, after: list[Any] | None) -> None:
        self._changes.append(Change(table, kind, before, after))
        self._tables.count_captured(self._changes[-1])

    def _query(self, event: Any) -> None:
        text = event.query if isinstance(event.query, str) else event.query.decode(errors="replace")
        meaning = ddl.parse_meaning(text)
        if meaning == "begin":
            self._open = True
        elif meaning == "commit":
            self._commit()
        elif meaning == "rollback":
            raise TaskFailed("the source rolled back a transaction after it was logged (a table without transactions)")
        elif meaning == "rows":
            raise TaskFailed("binlog_format must be ROW at the source: a statement that changes rows was logged")
        elif meaning == "xa":
            raise TaskFailed(events.XA)
        elif meaning == "table" or not self._open:  # else a savepoint
            self._handle_statement(event, text, meaning)

    def _handle_statement(self, event: Any, text: str, meaning: ddl.Meaning) -> None:
        """Handle a statement on its own.

        CREATE TABLE … SELECT is logged inside the transaction of its rows, as its first event: it counts as made before that
        transaction, so that the checkpoint stays outside.
        """
        schema = event.schema if isinstance(event.schema, str) else event.schema.decode()
        statement = Statement(schema, text) if meaning == "table" else None
        for one in concerned.tables if statement and (concerned := ddl.parse(text, schema)) else ():
            self._tables.remove_table((one.schema, one.table))
        end = self._sent_position if self._open else self._position
        self._send(Transaction(end, self._event_time, self._received_at, statement=statement))

    def _commit(self) -> None:
        whole = Transaction(
            self._position, self._event_time, self._received_at, self._changes, None, self._failures, self._bytes
        )
        self._changes, self._failures, self._bytes, self._open = [], [], 0, False
        self._send(whole)
