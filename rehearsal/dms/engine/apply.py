"""Apply changes to the target: whole source transactions, with the checkpoint in the same commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

import pymysql

from rehearsal.dms.engine import statements
from rehearsal.dms.engine.bench import Bench
from rehearsal.dms.engine.changes import Change, Transaction
from rehearsal.dms.engine.databases import execute
from rehearsal.dms.engine.failures import TableFailed, TaskFailed, format_error, is_transient
from rehearsal.dms.engine.records import TableRecord
from rehearsal.dms.engine.statements import Sql
from rehearsal.dms.engine.tables import Name

_log = logging.getLogger(__name__)
_STATEMENTS_AT_ONCE, _BYTES_AT_ONCE = 200, 1024 * 1024
_POLICY = {"insert": "ApplyErrorInsertPolicy", "update": "ApplyErrorUpdatePolicy", "delete": "ApplyErrorDeletePolicy"}
_APPLIED = {"insert": "AppliedInserts", "update": "AppliedUpdates", "delete": "AppliedDeletes"}
Counted = dict[tuple[Name, str], int]


class Applier:
    """Applies changes. `committed` is called with the changes that have become durable."""

    def __init__(self, bench: Bench, *, committed: Callable[[Sequence[Change]], None]) -> None:
        self._job, self._target, self._records, self._progress = bench.job, bench.target, bench.records, bench.progress
        self._lobs, self._failed, self._committed = bench.lobs, bench.handle_table_failure, committed
        self._gathered: list[tuple[str, Change]] = []
        self._size = 0
        # A refused change that is then forced must not come after changes that follow it.
        forced = {bench.job.get_policy(name) for name in _POLICY.values()} & {"INSERT_RECORD", "UPDATE_RECORD"}
        self._most = 1 if forced else _STATEMENTS_AT_ONCE

    def apply(self, batch: Sequence[Transaction]) -> None:
        """Apply all of these or none of them.

        Raises TaskFailed; database errors of a lost connection, after which the target's checkpoint shows whether they were applied.
        """
        execute(self._target, "BEGIN")
        counted: Counted = {}
        done: list[Change] = []
        for transaction in batch:
            for change, record in self._select_due(transaction):
                self._add(change, repeated=record.high is not None and transaction.end <= record.high)
                what = (change.table.id, _APPLIED[change.kind])
                counted[what] = counted.get(what, 0) + 1
                done.append(change)
        self._flush()
        for (name, key), number in counted.items():
            self._progress.count(name, key, number)
        touched = {name for name, _ in counted}
        self._records.put_tables(self._target, [r for r in map(self._progress.record, touched) if r is not None])
        self._records.put_checkpoint(self._target, batch[-1].end)
        execute(self._target, "COMMIT")
        self._progress.checkpoint = str(batch[-1].end)
        if done:
            self._committed(done)

    def _select_due(self, transaction: Transaction) -> Iterator[tuple[Change, TableRecord]]:
        """Yield the changes that are not in the loaded rows, of tables that are in order."""
        for change in transaction.changes:
            record = self._progress.record(change.table.id)
            if record is None or not record.loaded or (record.low is not None and transaction.end <= record.low):
                continue
            yield change, record

    def _add(self, change: Change, *, repeated: bool) -> None:
        if repeated:
            self._flush()
            self._repeat(change)
        elif (sql := self._build_statement(change)) is not None:
            self._gathered.append((statements.render_literal(self._target, sql), change))
            self._size += len(self._gathered[-1][0])
            if len(self._gathered) >= self._most or self._size >= _BYTES_AT_ONCE:
                self._flush()

    def _repeat(self, change: Change) -> None:
        """Apply a change that may be in the loaded rows already: afterwards the target's row is as the change left it, either way."""
        table, into = change.table, self._job.map_name(change.table.id)
        if change.before is not None:
            execute(self._target, *statements.delete(table, into, change.before))
        if change.after is not None:
            row = self._lobs.convert_row(table, change.after)
            execute(self._target, *statements.insert(table, into, [row], replace=bool(table.key)))

    def _build_statement(self, change: Change) -> Sql | None:
        """Return the SQL of a change; None for an update that changes no replicated value."""
        table, into = change.table, self._job.map_name(change.table.id)
        before = self._lobs.convert_row(table, change.before) if change.before is not None else None
        after = self._lobs.convert_row(table, change.after) if change.after is not None else None
        if before is None:
            return statements.insert(table, into, [after or []])
        return (
            statements.delete(table, into, before) if after is None else statements.update(table, into, before, after)
        )

    def _flush(self) -> None:
        """Send what has gathered, in one go; the server does one after the other and ends at the first that fails."""
        waiting, self._gathered, self._size = self._gathered, [], 0
        while waiting:
            done = 0
            try:
                for found in statements.run_all(self._target, [text for text, _ in waiting]):
                    change = waiting[done][1]
                    done += 1
                    if found == 0:
                        self._handle_refusal(change, f"no row of the target was found to {change.kind}")
            except pymysql.err.MySQLError as error:
                if is_transient(error):
                    raise
                self._handle_refusal(waiting[done][1], format_error(error))
                done += 1
            waiting = waiting[done:]

    def _handle_refusal(self, change: Change, message: str) -> None:
        """Handle a change that the target refuses, by the task's policy for this kind of change."""
        policy, name = self._job.get_policy(_POLICY[change.kind]), change.table.id
        text = f"a change cannot be applied ({change.kind}): {message}"
        if policy == "STOP_TASK":
            raise TaskFailed(f"table {name[0]}.{name[1]}: {text}")
        if policy in ("INSERT_RECORD", "UPDATE_RECORD"):
            self._repeat(change)
        elif policy == "SUSPEND_TABLE":
            self._failed(TableFailed(name, text))
        elif policy == "LOG_ERROR":
            self._records.apply_exception(self._target, name, change.kind, message)
            _log.warning("%s.%s: %s", *name, text)
