"""Follow the source: one thread reads the changes and this one applies them, until somebody stops the task."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

import pymysql

from rehearsal.dms.engine.apply import Applier
from rehearsal.dms.engine.bench import Bench
from rehearsal.dms.engine.capture import Capture, measure_age_seconds
from rehearsal.dms.engine.catalog import Catalog
from rehearsal.dms.engine.changes import Change, Ended, Inbox, Transaction
from rehearsal.dms.engine.databases import Position, end_of_log
from rehearsal.dms.engine.logged_tables import ReplicatedTables
from rehearsal.dms.engine.statement_apply import StatementApplier
from rehearsal.dms.engine.tables import Name

STOP_SECONDS = 30.0
"""A stop applies everything up to the request, but waits no longer than this for it."""
_TRANSACTIONS_AT_ONCE, _BYTES_AT_ONCE = 200, 4 * 1024 * 1024


class Follower:
    """`reload` loads tables again, between two transactions; `committed` hears of changes that are durable."""

    def __init__(
        self,
        bench: Bench,
        *,
        committed: Callable[[Sequence[Change]], None],
        reload: Callable[[Sequence[Name]], None],
    ) -> None:
        self._bench, self._reload = bench, reload
        self._inbox = Inbox()
        self._held: float | None = None
        self._applier = Applier(bench, committed=committed)
        self._statements = StatementApplier(bench.job, bench.target, bench.records, bench.progress)

    def run(self, start: Position, *, until: Position | None) -> bool:
        """Replicate changes from `start` until the task is requested to stop (True) or until this position is applied (False).

        Raises TaskFailed, Recoverable, database errors.
        """
        bench = self._bench
        bench.applied = start
        bench.commands.changed = self._inbox.wake
        catalog = Catalog(bench.job, bench.described, drained=self._inbox.wait_until_applied)
        tables = ReplicatedTables(catalog, bench.progress)
        capture = Capture(bench.job.source, bench.job.server_id, start, self._inbox, tables)
        bench.progress.latencies = lambda: self._measure_latencies(capture)
        capture.start()
        try:
            return self._loop(until)
        finally:
            bench.commands.changed = lambda: None
            bench.progress.latencies = lambda: (0.0, 0.0)
            capture.close()
            catalog.close()

    def _loop(self, until: Position | None) -> bool:
        bench = self._bench
        goal, deadline = None, 0.0
        while True:
            bench.commands.check()
            for broken in bench.commands.take_broken():
                bench.handle_table_failure(broken)
            # What was applied so far is older than the snapshot that a reload takes now.
            self._reload([name for name in bench.commands.take_reloads() if bench.progress.record(name) is not None])
            assert bench.applied is not None
            if bench.commands.stopping.is_set() and goal is None:
                goal, deadline = self._find_goal(bench.applied), time.monotonic() + STOP_SECONDS
            if goal is not None and (bench.applied >= goal or time.monotonic() > deadline):
                return True
            if until is not None and bench.applied >= until:
                return False
            self._turn(timeout=1.0)

    def _find_goal(self, here: Position) -> Position:
        """Return the end of the source's log at the request to stop; the current position when the source does not respond."""
        try:
            with contextlib.closing(self._bench.job.source.connect()) as source:
                return end_of_log(source) or here
        except pymysql.err.MySQLError:
            return here

    def _turn(self, *, timeout: float) -> None:
        """Apply all available transactions with few commits."""
        batch: list[Transaction] = []
        size = 0
        item = self._inbox.get(timeout)
        while item is not None:
            if isinstance(item, Ended):
                self._apply(batch)
                raise item.error
            self._apply_lag(item)
            if item.statement is not None or item.failures:
                self._apply(batch)
                batch = []
                self._handle_unreadable(item)
            if item.statement is not None:
                self._apply_statement(item)
                return
            batch.append(item)
            size += item.size
            if len(batch) >= _TRANSACTIONS_AT_ONCE or size >= _BYTES_AT_ONCE or self._bench.commands.lag:
                break
            item = self._inbox.get(0)
        self._apply(batch)

    def _apply_lag(self, transaction: Transaction) -> None:
        """Apply an ordered lag: the change waits, and counts as waiting."""
        if not transaction.matters:
            return
        self._held = transaction.committed
        while (left := transaction.received + self._bench.commands.lag - time.time()) > 0:
            self._bench.commands.check()
            time.sleep(min(left, 0.05))
        self._held = None

    def _apply(self, batch: list[Transaction]) -> None:
        if not batch:
            return
        self._held = next((one.committed for one in batch if one.matters), None)
        self._applier.apply(batch)
        self._bench.applied = batch[-1].end
        self._held = None

    def _apply_statement(self, transaction: Transaction) -> None:
        for error in self._statements.apply(transaction, announced=self._bench.announced):
            self._bench.handle_table_failure(error)
        self._bench.announced = None
        self._bench.applied = transaction.end

    def _handle_unreadable(self, transaction: Transaction) -> None:
        """Return the tables whose changes in this transaction could not be read, unless they were loaded after it."""
        for error in transaction.failures:
            record = self._bench.progress.record(error.table)
            covered = record is not None and record.low is not None and transaction.end <= record.low
            if record is None or not (covered or record.failed):
                self._bench.handle_table_failure(error)

    def _measure_latencies(self, capture: Capture) -> tuple[float, float]:
        """Return CDCLatencySource and CDCLatencyTarget in seconds: the delay of reading, and the age of the oldest waiting change."""
        source = capture.behind
        oldest = self._held or self._inbox.get_oldest_time()
        return source, max(source, measure_age_seconds(oldest)) if oldest else source
