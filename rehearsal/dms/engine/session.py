"""One connected stretch of a task's work: from the checkpoint (or from nothing) until it is stopped, fails or loses a server."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from enum import StrEnum

from rehearsal.dms.engine.bench import Bench
from rehearsal.dms.engine.commands import Commands
from rehearsal.dms.engine.databases import Connection, Position, end_of_log, execute, follow_source_fractions
from rehearsal.dms.engine.failures import TaskFailed
from rehearsal.dms.engine.follow import STOP_SECONDS, Follower
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.load import Loader
from rehearsal.dms.engine.lobs import Lobs
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.records import Records, TableRecord
from rehearsal.dms.engine.snapshot import View, snapshot
from rehearsal.dms.engine.tables import Name, describe, list_names
from rehearsal.dms.engine.validate import Validator

NO_TABLES = (
    "No tables were found at task initialization. Either the selected table(s) or schema(s) no longer exist or no match was"
    " found for the table selection pattern(s)."
)
_NO_LOG = "the source writes no binary log (log_bin): changes cannot be captured"


class Reason(StrEnum):
    """StopReason, as in the API."""

    NORMAL = "Stop Reason NORMAL"
    FULL_LOAD_ONLY = "Stop Reason FULL_LOAD_ONLY_FINISHED"
    AFTER_FULL_LOAD = "Stop Reason STOPPED_AFTER_FULL_LOAD"
    AFTER_CACHED = "Stop Reason STOPPED_AFTER_CACHED_EVENTS"


class Stopped(Exception):
    """The task was asked to stop during its full load."""


class Session:
    """`running` is called as soon as rows are on their way; `view` gives snapshots of the source."""

    def __init__(
        self, job: Job, commands: Commands, progress: Progress, *, running: Callable[[], None], view: View = snapshot
    ) -> None:
        self._job, self._commands, self._progress, self._running, self._view = job, commands, progress, running, view
        self._records = Records(job.task, job.control_schema)

    def run(self, *, from_start: bool, begun: Callable[[], None]) -> Reason:
        """Run the session. `from_start` ignores the control tables. `begun` is called after they record the begin of the work.

        Raises TaskFailed, Recoverable and database errors.
        """
        with contextlib.closing(self._job.target.connect()) as target:
            with contextlib.closing(self._job.source.connect()) as source:
                follow_source_fractions(source, target)
            bench = Bench(self._job, self._commands, self._progress, self._records, Lobs(self._job.settings), target)
            self._begin(bench, from_start=from_start)
            begun()
            self._running()
            follows = self._job.migration != "full-load"
            validator = Validator(
                self._job, self._progress, self._records, lambda: (bench.applied or Position(0, 0)) if follows else None
            )
            if self._job.settings["ValidationSettings"]["EnableValidation"]:
                validator.start()
            try:
                reason = self._run_phases(bench, validator)
                validator.finish(0.5)
            except Stopped:
                reason = Reason.NORMAL
            finally:
                validator.finish(0.0)
            return reason

    def _begin(self, bench: Bench, *, from_start: bool) -> None:
        self._records.create(bench.target)
        execute(bench.target, "BEGIN")
        if from_start:
            self._records.clear(bench.target)
        checkpoint = self._records.read_checkpoint(bench.target)
        if checkpoint is None:
            records, bench.applied = self._discover()
            self._records.put_tables(bench.target, records)
            self._records.put_checkpoint(bench.target, bench.applied)
        else:
            records = self._records.read_tables(bench.target)
            bench.applied, bench.announced = checkpoint.applied, checkpoint.statement
        execute(bench.target, "COMMIT")
        self._progress.begin(records)
        self._progress.checkpoint = str(bench.applied or "")

    def _discover(self) -> tuple[list[TableRecord], Position | None]:
        """Return the tables that the mappings select now.

        A task that only follows changes takes the target's rows for granted, and begins where the source's log ends now.
        """
        with contextlib.closing(self._job.source.connect()) as source:
            found = self._job.mappings.select(list_names(source))
            if not found and self._job.settings["ErrorBehavior"]["FailOnNoTablesCaptured"]:
                raise TaskFailed(NO_TABLES)
            if self._job.migration != "cdc":
                return [TableRecord(name) for name in found], None
            here = _require_position(source)
            return [TableRecord(name, "Table completed", here, here) for name in found], here

    def _run_phases(self, bench: Bench, validator: Validator) -> Reason:
        loader = Loader(bench, check=self._check)
        waiting = [r.name for r in self._progress.list_records() if not r.loaded and not r.failed]
        self._load(bench, loader, waiting)
        if self._job.migration == "full-load":
            validator.finish(STOP_SECONDS)
            return Reason.FULL_LOAD_ONLY
        after = self._job.settings["FullLoadSettings"]
        if after["StopTaskCachedChangesNotApplied"] and bench.applied is None:
            return Reason.AFTER_FULL_LOAD
        start = bench.applied or min((r.low for r in self._progress.list_records() if r.low is not None), default=None)
        if start is None:
            raise TaskFailed("no table could be loaded")

        def reload(wanted: Sequence[Name]) -> None:
            self._load(bench, loader, wanted, again=True)
            for name in wanted:
                validator.restart(name)

        cached = max((r.high for r in self._progress.list_records() if r.high is not None), default=None)
        until = cached if after["StopTaskCachedChangesApplied"] else None
        stopped = Follower(bench, committed=validator.add_candidates, reload=reload).run(start, until=until)
        return Reason.NORMAL if stopped else Reason.AFTER_CACHED

    def _check(self) -> None:
        self._commands.check()
        if self._commands.stopping.is_set():
            raise Stopped

    def _load(self, bench: Bench, loader: Loader, wanted: Sequence[Name], *, again: bool = False) -> None:
        """Load all of these tables from one snapshot. `again`: changes are replicated already."""
        if not wanted:
            return
        with self._view(self._job.source) as view:
            with contextlib.closing(self._job.source.connect()) as source:
                described = describe(source, wanted)
            for name in wanted:
                record = self._progress.record(name)
                assert record is not None
                loader.load(view, record, described.get(name), again=again)
                self._check()
            if not again:  # the capture has its own by then, at another place of the log
                bench.described.update(described)
        if all(record.loaded or record.failed for record in self._progress.list_records()):
            self._progress.full_load_finished = time.time()


def _require_position(source: Connection) -> Position:
    here = end_of_log(source)
    if here is None:
        raise TaskFailed(_NO_LOG)
    return here
