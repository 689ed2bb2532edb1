"""Full load: every table out of one consistent snapshot, one after the other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pymysql

from rehearsal.dms.engine.bench import Bench
from rehearsal.dms.engine.databases import execute
from rehearsal.dms.engine.failures import TableFailed, TaskFailed, format_error, is_transient
from rehearsal.dms.engine.prepare import prepare
from rehearsal.dms.engine.records import TableRecord
from rehearsal.dms.engine.snapshot import Snapshot
from rehearsal.dms.engine.tables import Table, quote, quote_full_name

_log = logging.getLogger(__name__)
ROWS_AT_ONCE = 500
BYTES_AT_ONCE = 1024 * 1024
_DUPLICATE = 1062
TRUNCATION = {1264, 1265, 1366, 1406}


class Loader:
    """Loads tables into the target. `check` is called between batches: it raises when the load is to end."""

    def __init__(self, bench: Bench, *, check: Callable[[], None]) -> None:
        self._job, self._target, self._records, self._progress = bench.job, bench.target, bench.records, bench.progress
        self._lobs, self._check, self._failed = bench.lobs, check, bench.handle_table_failure
        settings = bench.job.settings
        self._mode = str(settings["FullLoadSettings"]["TargetTablePrepMode"])
        self._commit_rate = int(settings["FullLoadSettings"]["CommitRate"])
        self._tolerant = bool(settings["ErrorBehavior"]["FullLoadIgnoreConflicts"])

    def load(self, view: Snapshot, record: TableRecord, table: Table | None, *, again: bool = False) -> None:
        """Load the table: it ends completed or in error, and the record shows this durably. `again`: the load was requested while the task runs.

        Raises what ends the session or the task: database errors of a lost connection, TaskFailed, what `check` raises.
        """
        self._progress.set_state(record.name, "Table is being reloaded" if again else "Full load")
        record.low, record.high, record.times = view.low, view.high, {"start": time.time()}
        record.counters["FullLoadRows"] = 0
        self._save(record)
        try:
            self._copy(view, _require_table(record, table))
        except TableFailed as error:
            execute(self._target, "ROLLBACK")
            self._failed(error)
            return
        except pymysql.err.MySQLError as error:
            if is_transient(error):
                raise
            execute(self._target, "ROLLBACK")
            self._failed(TableFailed(record.name, format_error(error)))
            return
        record.times["end"] = time.time()
        self._progress.set_state(record.name, "Table completed")
        self._save(record)

    def _save(self, record: TableRecord) -> None:
        execute(self._target, "BEGIN")
        self._records.put_tables(self._target, [record])
        execute(self._target, "COMMIT")

    def _copy(self, view: Snapshot, table: Table) -> None:
        name = self._job.map_name(table.id)
        self._require_local_infile(table)
        prepare(self._target, table, name, self._mode)
        columns = [table.columns[number] for number in table.written]
        into = f"INSERT INTO {quote_full_name(name)} ({', '.join(quote(column.name) for column in columns)}) VALUES "
        marks = f"({', '.join(['%s'] * len(columns))})"
        query = f"SELECT {', '.join(column.selected for column in table.columns)} FROM {quote_full_name(table.id)}"
        since_commit = 0
        execute(self._target, "BEGIN")
        with view.connection.cursor() as cursor:
            cursor.execute(query)
            for batch in _split_batches(cursor, lambda row: self._convert_row(table, row)):
                self._check()
                self._insert(table, into, marks, batch)
                since_commit += len(batch)
                if since_commit >= self._commit_rate:
                    execute(self._target, "COMMIT")
                    execute(self._target, "BEGIN")
                    since_commit = 0
        execute(self._target, "COMMIT")
        _log.info("loaded %s.%s", *table.id)

    def _require_local_infile(self, table: Table) -> None:
        """Require local_infile, because DMS loads by LOAD DATA LOCAL INFILE. Here rows are inserted, but not where DMS could not load them."""
        with self._target.cursor() as cursor:
            cursor.execute("SELECT @@local_infile")
            (on,) = cursor.fetchone()
        if not on:
            raise TableFailed(
                table.id,
                "Loading local data is disabled; this must be enabled on both the client and server sides (local_infile)",
            )

    def _convert_row(self, table: Table, row: Sequence[Any]) -> list[Any]:
        carried = self._lobs.convert_row(table, row)
        return [carried[number] for number in table.written]

    def _insert(self, table: Table, into: str, marks: str, batch: list[list[Any]]) -> None:
        try:
            execute(self._target, into + ", ".join([marks] * len(batch)), [value for row in batch for value in row])
            self._progress.count(table.id, "FullLoadRows", len(batch))
        except pymysql.err.MySQLError as error:
            if is_transient(error):
                raise
            for row in batch:
                self._insert_one(table, into + marks, row)

    def _insert_one(self, table: Table, statement: str, row: list[Any]) -> None:
        try:
            execute(self._target, statement, row)
            self._progress.count(table.id, "FullLoadRows")
        except pymysql.err.MySQLError as error:
            if is_transient(error):
                raise
            self._handle_refusal(table, error)

    def _handle_refusal(self, table: Table, error: pymysql.err.MySQLError) -> None:
        """Handle a row that the target does not take, by the task's policies."""
        self._progress.count(table.id, "FullLoadErrorRows")
        code = error.args[0] if error.args else 0
        if code == _DUPLICATE and self._tolerant:
            return
        policy = self._job.get_policy("DataTruncationErrorPolicy" if code in TRUNCATION else "DataErrorPolicy")
        message = f"a row cannot be written to the target: {format_error(error)}"
        if policy == "STOP_TASK":
            raise TaskFailed(f"table {table.schema}.{table.name}: {message}")
        if policy == "SUSPEND_TABLE" or code == _DUPLICATE:
            raise TableFailed(table.id, message)
        if policy == "LOG_ERROR":
            self._records.apply_exception(self._target, table.id, "full load", format_error(error))
            _log.warning("%s.%s: %s", table.schema, table.name, message)


def _require_table(record: TableRecord, table: Table | None) -> Table:
    if table is None:
        raise TableFailed(record.name, "the source has no such table any more")
    return table


def _split_batches(cursor: Any, written: Callable[[Sequence[Any]], list[Any]]) -> Iterator[list[list[Any]]]:
    """Yield the rows in batches of a bounded number and size."""
    batch: list[list[Any]] = []
    size = 0
    for row in cursor:
        batch.append(written(row))
        size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in batch[-1])
        if len(batch) >= ROWS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
