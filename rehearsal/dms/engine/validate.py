"""Compare the target's rows with the source's: each table once after its load, then every row that changes, without end.

A difference is first only a doubt, for the source is always ahead. It is a mismatch when the source's row is the same as before, while
everything that the source had logged by then has been applied. The target can be ahead too: a change is in the source's log before the
source's other sessions see it. The read that decides waits for such a change.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import pymysql

from rehearsal.dms.engine.changes import Change
from rehearsal.dms.engine.compare import UNREADABLE, Digests, Key, Lobs, Side, format_differences, format_key
from rehearsal.dms.engine.databases import Connection, Position, end_of_log, execute
from rehearsal.dms.engine.failures import format_error, is_transient
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.records import Records, TableRecord
from rehearsal.dms.engine.tables import Name, describe

_log = logging.getLogger(__name__)
ROWS_AT_ONCE = 500
KEYS_AT_ONCE = 100
IDLE_SECONDS = 0.2
LOCK_WAIT_SECONDS = 5


@dataclass
class Doubt:
    """What the source had, and the end of its log after that."""

    digest: str | None
    logged: Position | None


@dataclass
class Watched:
    """One table under validation."""

    name: Name
    scanned: bool = False
    rows: int = 0
    last: Key | None = None
    pending: dict[Key, None] = field(default_factory=dict)
    doubts: dict[Key, Doubt] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)
    suspended: set[Key] = field(default_factory=set)
    """Rows that could not be compared."""
    errors: int = 0
    keyless: int = 0
    """How often in a row the table was seen without a primary key."""
    given_up: str = ""


class Validator:
    """Validates rows. `applied` returns the position of the target; None when no changes are replicated."""

    def __init__(self, job: Job, progress: Progress, records: Records, applied: Callable[[], Position | None]) -> None:
        settings = job.settings["ValidationSettings"]
        self._job, self._progress, self._records, self._applied = job, progress, records, applied
        self._lobs = Lobs(bool(settings["SkipLobColumns"]), int(settings["ValidationPartialLobSize"]) * 1024)
        self._most = int(settings["FailureMaxCount"])
        self._tables: dict[Name, Watched] = {}
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="validate", daemon=True)
        self._connections: list[Connection] = []
        self._known: dict[Name, tuple[Side, Side]] = {}

    def start(self) -> None:
        self._thread.start()

    def add_candidates(self, changes: Sequence[Change]) -> None:
        """Add the rows that must be compared, or compared again."""
        with self._changed:
            for change in changes:
                if not change.table.key:
                    continue
                known = self._known.get(change.table.id)
                if known is not None and known[0].table is not change.table and known[0].table != change.table:
                    del self._known[change.table.id]  # its columns have changed
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
            self._known.pop(name, None)
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
                self._disconnect()
                if not is_transient(error):
                    _log.error("validation stopped: %s", format_error(error))
                    return
                with self._changed:
                    self._changed.wait(1.0)
            except OSError:
                self._disconnect()
        self._disconnect()

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
                self._known.pop(record.name, None)
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
        sides = self._open_sides(record.name)
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
            self._scan(source, target, watched)
            busy = True
        with self._changed:
            keys = list(watched.pending)[:KEYS_AT_ONCE]
        if keys:
            self._look(source, target, watched, keys)
            busy = True
        return self._validate_due(source, target, watched) or busy

    def _scan(self, source: Side, target: Side, watched: Watched) -> None:
        """Compare the next chunk of the table."""
        ours = source.read_chunk(self._lobs, after=watched.last, upto=None, limit=ROWS_AT_ONCE)
        whole = len(ours) == ROWS_AT_ONCE
        upto = list(ours)[-1] if whole else None
        theirs = target.read_chunk(self._lobs, after=watched.last, upto=upto, limit=None)
        self._evaluate(source, watched, list({**ours, **theirs}), ours, theirs)
        watched.rows += len(ours)
        watched.last, watched.scanned = upto, not whole

    def _look(self, source: Side, target: Side, watched: Watched, keys: list[Key]) -> None:
        with self._changed:
            for key in keys:
                watched.pending.pop(key, None)
        self._evaluate(source, watched, keys, source.read_rows(self._lobs, keys), target.read_rows(self._lobs, keys))

    def _evaluate(self, source: Side, watched: Watched, keys: Iterable[Key], ours: Digests, theirs: Digests) -> None:
        keys = list(keys)
        unreadable = {key for key in keys if UNREADABLE in (ours.get(key), theirs.get(key))}
        watched.suspended = watched.suspended - set(keys) | unreadable
        different = [key for key in keys if ours.get(key) != theirs.get(key) and key not in unreadable]
        logged = end_of_log(source.connection) if different and self._applied() is not None else None
        for key in keys:
            if key in watched.failed and key not in unreadable and ours.get(key) == theirs.get(key):
                self._clear_mismatch(watched, key)
        with self._changed:
            for key in different:
                if key not in watched.failed:
                    watched.doubts[key] = Doubt(ours.get(key), logged)

    def _validate_due(self, source: Side, target: Side, watched: Watched) -> bool:
        """Compare the candidates that are due. The target is read first: what the source has afterwards, it had during that read."""
        applied = self._applied()
        with self._changed:
            due = {
                k: d for k, d in watched.doubts.items() if d.logged is None or applied is None or applied >= d.logged
            }
            due = dict(list(due.items())[:KEYS_AT_ONCE])
        if not due:
            return False
        theirs = target.read_rows(self._lobs, list(due))
        ours = source.read_logged_rows(self._lobs, list(due))
        logged = end_of_log(source.connection) if applied is not None else None
        for key, doubt in due.items():
            with self._changed:
                if watched.doubts.get(key) is not doubt:
                    continue  # it has changed again meanwhile
                del watched.doubts[key]
                mine, other = ours.get(key), theirs.get(key)
                if mine != other and mine != doubt.digest:
                    watched.doubts[key] = Doubt(mine, logged)
                    continue
            if UNREADABLE in (mine, other):
                watched.suspended.add(key)
            elif mine != other:
                self._record_mismatch(source, target, watched, key, mine, other)
        return True

    def _record_mismatch(
        self, source: Side, target: Side, watched: Watched, key: Key, ours: str | None, theirs: str | None
    ) -> None:
        kind = "MISSING_SOURCE" if ours is None else "MISSING_TARGET" if theirs is None else "RECORD_DIFF"
        left, right = source.read_values(key), target.read_values(key)
        details = format_differences(source.columns, left, right) if left is not None and right is not None else "[]"
        watched.failed.add(key)
        self._records.write_validation_failure(target.connection, watched.name, format_key(key), kind, details)
        _log.warning("validation: %s.%s: %s", *watched.name, kind)

    def _clear_mismatch(self, watched: Watched, key: Key) -> None:
        watched.failed.discard(key)
        self._records.delete_validation_failure(self._connections[1], watched.name, format_key(key))

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

    def _open_sides(self, name: Name) -> tuple[Side, Side] | None:
        """Return both sides of a table; None without a primary key. They are cached, because a query of the columns is slow."""
        if (known := self._known.get(name)) is not None:
            return known
        if not self._connections:
            self._connections = [self._job.source.connect(), self._job.target.connect()]
            execute(self._connections[0], f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}")
        into = self._job.map_name(name)
        source = describe(self._connections[0], [name]).get(name)
        target = describe(self._connections[1], [into]).get(into)
        if source is None or target is None:
            raise pymysql.err.ProgrammingError(1146, "the table is not on both servers")
        if not source.key:
            return None
        there = {column.name: column for column in target.columns}
        if any(column.name not in there for column in source.columns):
            raise pymysql.err.ProgrammingError(1054, "the columns of source and target differ")
        ours = tuple(there[column.name] for column in source.columns)
        keyed = type(target)(target.schema, target.name, target.columns, source.key)
        ends = Side(self._connections[0], name, source, source.columns), Side(self._connections[1], into, keyed, ours)
        self._known[name] = ends
        return ends

    def _disconnect(self) -> None:
        for connection in self._connections:
            try:
                connection.close()
            except pymysql.err.MySQLError:
                continue  # it was lost before
        self._connections = []
        self._known = {}
