"""One connected stretch of a task's work: from the checkpoint (or from nothing) until it is stopped, fails or loses a server."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from enum import StrEnum

import pymysql

from rehearsal.dms.engine.apply import Applier
from rehearsal.dms.engine.capture import Capture, age
from rehearsal.dms.engine.catalog import Catalog
from rehearsal.dms.engine.changes import Ended, Inbox, Transaction
from rehearsal.dms.engine.databases import Connection, Position, end_of_log, execute
from rehearsal.dms.engine.failures import TableFailed, TaskFailed
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.load import Loader
from rehearsal.dms.engine.lobs import Lobs
from rehearsal.dms.engine.orders import Orders
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.records import Records, TableRecord
from rehearsal.dms.engine.snapshot import View, snapshot
from rehearsal.dms.engine.statement_apply import StatementApplier
from rehearsal.dms.engine.tables import Name, describe, names
from rehearsal.dms.engine.validate import Validator

_log = logging.getLogger(__name__)
STOP_SECONDS = 30.0
"""A stop applies everything up to the request, but waits no longer than this for it."""
_TRANSACTIONS_AT_ONCE, _BYTES_AT_ONCE = 200, 4 * 1024 * 1024
NO_TABLES = (
    "No tables were found at task initialization. Either the selected table(s) or schema(s) no longer exist or no match was"
    " found for the table selection pattern(s)."
)


class Reason(StrEnum):
    """StopReason, as the API words it."""

    NORMAL = "Stop Reason NORMAL"
    FULL_LOAD_ONLY = "Stop Reason FULL_LOAD_ONLY_FINISHED"
    AFTER_FULL_LOAD = "Stop Reason STOPPED_AFTER_FULL_LOAD"
    AFTER_CACHED = "Stop Reason STOPPED_AFTER_CACHED_EVENTS"


class Stopped(Exception):
    """The task was asked to stop during its full load."""


class Session:
    """`fresh`: begin anew whatever the control tables say. `running` is called as soon as rows are on their way."""

    def __init__(
        self,
        job: Job,
        orders: Orders,
        progress: Progress,
        *,
        running: Callable[[], None],
        view: View = snapshot,
    ) -> None:
        self._job, self._orders, self._progress, self._running, self._view = job, orders, progress, running, view
        self._records = Records(job.task, job.control_schema)
        self._lobs = Lobs(job.settings)
        self._inbox = Inbox()
        self._applied: Position | None = None
        self._held: float | None = None
        self._announced: Position | None = None

    def run(self, *, fresh: Callable[[], bool], begun: Callable[[], None]) -> Reason:
        """Raises TaskFailed, Recoverable and database errors."""
        self._orders.changed = self._inbox.wake
        with contextlib.closing(self._job.target.connect()) as target:
            self._begin(target, anew=fresh())
            begun()
            self._running()
            with contextlib.ExitStack() as stack:
                validator = self._validator()
                stack.callback(validator.finish, 0.0)
                try:
                    reason = self._work(target, validator)
                except Stopped:
                    reason = Reason.NORMAL
                validator.finish(0.5)
            return reason

    # Beginning

    def _begin(self, target: Connection, *, anew: bool) -> None:
        self._records.create(target)
        execute(target, "BEGIN")
        if anew:
            self._records.clear(target)
        checkpoint = self._records.checkpoint(target)
        if checkpoint is None:
            records = self._discover()
            self._records.put_tables(target, records)
            self._records.put_checkpoint(target, None)
        else:
            records = self._records.tables(target)
            self._applied, self._announced = checkpoint.applied, checkpoint.statement
        execute(target, "COMMIT")
        self._progress.begin(records)
        self._progress.checkpoint = str(self._applied or "")

    def _discover(self) -> list[TableRecord]:
        """Tables that the mappings select now. A task that only follows changes takes the target's rows for granted."""
        with contextlib.closing(self._job.source.connect()) as source:
            found = self._job.mappings.select(names(source))
            if not found and self._job.settings["ErrorBehavior"]["FailOnNoTablesCaptured"]:
                raise TaskFailed(NO_TABLES)
            if self._job.migration != "cdc":
                return [TableRecord(name) for name in found]
            here = end_of_log(source)
            if here is None:
                raise TaskFailed("the source writes no binary log (log_bin): changes cannot be captured")
            self._applied = here
            return [TableRecord(name, "Table completed", here, here) for name in found]

    def _validator(self) -> Validator:
        follows = self._job.migration != "full-load"
        validator = Validator(
            self._job, self._progress, self._records, lambda: (self._applied or Position(0, 0)) if follows else None
        )
        if self._job.settings["ValidationSettings"]["EnableValidation"]:
            validator.start()
        return validator

    # The work

    def _work(self, target: Connection, validator: Validator) -> Reason:
        failed = self._failing(target)
        loader = Loader(
            self._job, target, self._records, self._progress, lobs=self._lobs, check=self._check_loading, failed=failed
        )
        self._load(
            loader, [record.name for record in self._progress.records() if not record.loaded and not record.failed]
        )
        after = self._job.settings["FullLoadSettings"]
        if self._job.migration == "full-load":
            validator.finish(STOP_SECONDS)
            return Reason.FULL_LOAD_ONLY
        if after["StopTaskCachedChangesNotApplied"] and self._applied is None:
            return Reason.AFTER_FULL_LOAD
        return self._follow(target, validator, loader, until_cached=bool(after["StopTaskCachedChangesApplied"]))

    def _check_loading(self) -> None:
        self._orders.check()
        if self._orders.stopping.is_set():
            raise Stopped

    def _load(self, loader: Loader, wanted: Sequence[Name], *, again: bool = False) -> None:
        if not wanted:
            return
        with self._view(self._job.source) as view:
            with contextlib.closing(self._job.source.connect()) as source:
                described = describe(source, wanted)
            for name in wanted:
                record = self._progress.record(name)
                assert record is not None
                loader.load(view, record, described.get(name), empty=again)
                self._check_loading()
        if all(record.loaded or record.failed for record in self._progress.records()):
            self._progress.full_load_finished = time.time()

    def _follow(self, target: Connection, validator: Validator, loader: Loader, *, until_cached: bool) -> Reason:
        start = self._applied or min((r.low for r in self._progress.records() if r.low is not None), default=None)
        cached = max((r.high for r in self._progress.records() if r.high is not None), default=None)
        if start is None:
            raise TaskFailed("no table could be loaded")
        self._applied = start
        catalog = Catalog(self._job.source, lambda name: self._job.mappings.selects(*name))
        capture = Capture(
            self._job.source,
            self._job.server_id,
            start,
            self._inbox,
            find=catalog.find,
            altered=catalog.forget,
            captured=self._progress.captured,
        )
        self._progress.latencies = lambda: self._latencies(capture)
        failing = self._failing(target)
        applier = Applier(
            self._job,
            target,
            self._records,
            self._progress,
            lobs=self._lobs,
            failed=failing,
            committed=validator.committed,
        )
        self._statements = StatementApplier(self._job, target, self._records, self._progress)
        capture.start()
        try:
            goal: Position | None = None
            deadline = 0.0
            while True:
                self._orders.check()
                for broken in self._orders.broken():
                    failing(broken)
                self._reload(loader, validator)
                if self._orders.stopping.is_set() and goal is None:
                    goal, deadline = self._goal(), time.monotonic() + STOP_SECONDS
                if goal is not None and (self._applied >= goal or time.monotonic() > deadline):
                    return Reason.NORMAL
                if until_cached and cached is not None and self._applied >= cached:
                    return Reason.AFTER_CACHED
                self._turn(target, applier, timeout=1.0)
        finally:
            self._progress.latencies = lambda: (0.0, 0.0)
            capture.close()
            catalog.close()

    def _goal(self) -> Position:
        """Where the source's log ends when the stop is asked for; where we are when the source does not answer."""
        assert self._applied is not None
        try:
            with contextlib.closing(self._job.source.connect()) as source:
                return end_of_log(source) or self._applied
        except pymysql.err.MySQLError:
            return self._applied

    def _turn(self, target: Connection, applier: Applier, *, timeout: float) -> None:
        first = self._inbox.get(timeout)
        if first is None:
            return
        batch: list[Transaction] = []
        item: Transaction | Ended | None = first
        size = 0
        while item is not None:
            if isinstance(item, Ended):
                self._apply(applier, batch)
                raise item.error
            self._hold(item)
            if item.statement is not None or item.failures:
                self._apply(applier, batch)
                batch = []
                self._unreadable(target, item)
            if item.statement is not None:
                self._statement(target, item)
                return
            batch.append(item)
            size += item.size
            if len(batch) >= _TRANSACTIONS_AT_ONCE or size >= _BYTES_AT_ONCE or self._orders.lag:
                break
            item = self._inbox.get(0)
        self._apply(applier, batch)

    def _hold(self, transaction: Transaction) -> None:
        """An ordered lag: the change waits, and counts as waiting."""
        self._held = transaction.committed if transaction.matters else None
        while transaction.matters and (left := transaction.received + self._orders.lag - time.time()) > 0:
            self._orders.check()
            time.sleep(min(left, 0.05))
        self._held = None

    def _apply(self, applier: Applier, batch: list[Transaction]) -> None:
        if not batch:
            return
        self._held = next((one.committed for one in batch if one.matters), None)
        applier.apply(batch)
        self._applied = batch[-1].end
        self._held = None

    def _statement(self, target: Connection, transaction: Transaction) -> None:
        failing = self._failing(target)
        for error in self._statements.apply(transaction, announced=self._announced):
            failing(error)
        self._announced = None
        self._applied = transaction.end

    def _reload(self, loader: Loader, validator: Validator) -> None:
        """Between two transactions: what was applied so far is older than the snapshot that is taken now."""
        wanted = [name for name in self._orders.reloads() if self._progress.record(name) is not None]
        self._load(loader, wanted, again=True)
        for name in wanted:
            validator.restart(name)

    # Tables in error

    def _unreadable(self, target: Connection, transaction: Transaction) -> None:
        """Tables of which this transaction's changes could not be read, unless they were loaded after it."""
        for error in transaction.failures:
            record = self._progress.record(error.table)
            covered = record is not None and record.low is not None and transaction.end <= record.low
            if record is None or not (covered or record.failed):
                self._failing(target)(error)

    def _failing(self, target: Connection) -> Callable[[TableFailed], None]:
        def failed(error: TableFailed) -> None:
            _log.error("%s", error)
            if self._job.policy("TableErrorPolicy") == "STOP_TASK":
                raise TaskFailed(str(error))
            self._progress.state(error.table, "Table error", error.reason)
            record = self._progress.record(error.table)
            if record is not None:
                self._records.put_tables(target, [record])

        return failed

    def _latencies(self, capture: Capture) -> tuple[float, float]:
        """CDCLatencySource, CDCLatencyTarget in seconds: as far as reading is behind, as long as the oldest change waits."""
        source = capture.behind
        oldest = self._held or self._inbox.oldest()
        return source, max(source, age(oldest)) if oldest else source
