"""Compare the target's rows with the source's: each table once after its load, then every row that changes, without end.

A difference is first only a doubt, for the source is always ahead. It is a mismatch when the source's row is the same as before, while
everything that the source had logged by then has been applied. The target can be ahead too: a change is in the source's log before the
source's other sessions see it. The read that decides waits for such a change.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

import pymysql

from rehearsal.dms.engine.changes import Change
from rehearsal.dms.engine.compare import Lobs
from rehearsal.dms.engine.databases import Position
from rehearsal.dms.engine.failures import format_error, is_transient
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.records import Records, TableRecord
from rehearsal.dms.engine.row_validation import KEYS_AT_ONCE, RowValidation
from rehearsal.dms.engine.sides import Sides
from rehearsal.dms.engine.tables import Name
from rehearsal.dms.engine.watched import Watched

_log = logging.getLogger(__name__)
IDLE_SECONDS = 0.2


class Validator:
    """Validates rows. `applied` returns the position of the target; None when no changes are replicated."""

    def __init__(self, job: Job, progress: Progress, records: Records, applied: Callable[[], Position | None]) -> None:
        settings = job.settings["ValidationSettings"]
        self._progress, self._applied = progress, applied
        self._sides = Sides(job)
        lobs = Lobs(bool(settings["SkipLobColumns"]), int(settings["ValidationPartialLobSize"]) * 1024)
        self._most = int(settings["FailureMaxCount"])
        self._tables: dict[Name, Watched] = {}
        self._changed = threading.Condition()
        self._rows = RowValidation(self._sides, lobs, records, self._changed, applied)
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="validate", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add_candidates(self, changes: Sequence[Change]) -> None:
        """Add the rows that must be compared, or compared again."""
        with self._changed:
            for change in changes:
                if not change.table.key:
                    continue
                self._sides.forget_changed(change.table)
                watched = self._tables.setdefault(change.table.id, Watched(change.table.id))
                for row in (change.before, change.after):
                    if row is not None:
                        key = tuple(row[number] for number in change.table.key_positions)
                        watched.pending[key] = None
                        watched.doubts.pop(key, None)
            self._changed.notify_all()

    def restart(self, name: Name) -> None:
        """Restart for a table that was loaded again."""
        with self._changed:
            self._tables[name] = Watched(name)
            self._sides.forget(name)
            self._changed.notify_all()

    def finish(self, seconds: float) -> None:
        """Wait until nothing is left to compare, but not longer; then end."""
        if not self._thread.is_alive():
            return
        with self._changed:
            self._changed.wait_for(self._is_idle, seconds)
            self._ended = True
            self._changed.notify_all()
        self._thread.join(5)

    def _is_idle(self) -> bool:
        loaded = [record.name for record in self._progress.list_records() if record.loaded]
        watched = [self._tables.get(name) for name in loaded]
        return all(w is not None and (w.given_up or (w.scanned and not w.pending and not w.doubts)) for w in watched)

    def _run(self) -> None:
        while not self._ended:
            try:
                if not self._turn():
                    with self._changed:
                        self._changed.notify_all()
                        self._changed.wait(IDLE_SECONDS)
            except pymysql.err.MySQLError as error:
                self._sides.close()
                if not is_transient(error):
                    _log.error("validation stopped: %s", format_error(error))
                    return
                with self._changed:
                    self._changed.wait(1.0)
            except OSError:
                self._sides.close()
        self._sides.close()

    def _turn(self) -> bool:
        """Validate a little of every table; return whether there was anything to do."""
        busy = False
        for record in self._progress.list_records():
            if self._ended:
                return False
            with self._changed:
                watched = self._tables.setdefault(record.name, Watched(record.name))
            try:
                if record.loaded and not watched.given_up and self._count_failures() < self._most:
                    busy = self._validate_table(record, watched) or busy
            except pymysql.err.MySQLError as error:
                if is_transient(error):
                    raise
                # Perhaps its columns have just changed: a second look, with fresh descriptions, decides.
                self._sides.forget(record.name)
                watched.errors += 1
                if watched.errors > 1:
                    watched.given_up = f"Error: {format_error(error)}"
            self._show(record, watched)
        return busy

    def _count_failures(self) -> int:
        return sum(len(watched.failed) for watched in self._tables.values())

    def _validate_table(self, record: TableRecord, watched: Watched) -> bool:
        applied = self._applied()
        if record.high is not None and applied is not None and applied < record.high:
            return False  # the cached changes come first
        sides = self._sides.open(record.name)
        if sides is None:
            # While a server alters a table, its information_schema may know the columns, and no key.
            watched.keyless += 1
            if watched.keyless > 1:
                watched.given_up = "No primary key"
            return False
        watched.keyless = 0
        source, target = sides
        busy = False
        if not watched.scanned:
            self._rows.scan(source, target, watched)
            busy = True
        with self._changed:
            keys = list(watched.pending)[:KEYS_AT_ONCE]
        if keys:
            self._rows.look(source, target, watched, keys)
            busy = True
        return self._rows.validate_due(source, target, watched) or busy

    def _show(self, record: TableRecord, watched: Watched) -> None:
        with self._changed:
            unseen = 0 if watched.scanned else max(record.counters.get("FullLoadRows", 0) - watched.rows, 1)
            pending = unseen + len(watched.pending) + len(watched.doubts)
            failed, suspended = len(watched.failed), len(watched.suspended)
        if record.failed:
            state, pending = "Table error", 0
        elif watched.given_up:
            state, pending = watched.given_up.partition(":")[0], 0
        elif not record.loaded:
            state = "Pending validation"
        else:
            states = {"Mismatched records": failed, "Pending records": pending, "Suspended records": suspended}
            state = next((name for name, number in states.items() if number), "Validated")
        self._progress.set_validation(
            record.name, state=state, pending=pending, failed=failed, suspended=suspended, details=watched.given_up
        )
