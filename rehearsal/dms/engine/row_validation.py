"""Compare rows of one table on both sides, and decide which differences are mismatches."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from rehearsal.dms.engine.compare import UNREADABLE, Digests, Key, Lobs, Side, format_differences, format_key
from rehearsal.dms.engine.databases import Position, end_of_log
from rehearsal.dms.engine.records import Records
from rehearsal.dms.engine.sides import Sides
from rehearsal.dms.engine.watched import Doubt, Watched

_log = logging.getLogger(__name__)
ROWS_AT_ONCE = 500
KEYS_AT_ONCE = 100


class RowValidation:
    """Compares rows. `changed` guards what is watched. `applied` returns the position of the target; None when no changes are replicated."""

    def __init__(
        self,
        sides: Sides,
        lobs: Lobs,
        records: Records,
        changed: threading.Condition,
        applied: Callable[[], Position | None],
    ) -> None:
        self._sides, self._lobs, self._records, self._changed, self._applied = sides, lobs, records, changed, applied

    def scan(self, source: Side, target: Side, watched: Watched) -> None:
        """Compare the next chunk of the table."""
        ours = source.read_chunk(self._lobs, after=watched.last, upto=None, limit=ROWS_AT_ONCE)
        whole = len(ours) == ROWS_AT_ONCE
        upto = list(ours)[-1] if whole else None
        theirs = target.read_chunk(self._lobs, after=watched.last, upto=upto, limit=None)
        self._evaluate(source, watched, list({**ours, **theirs}), ours, theirs)
        watched.rows += len(ours)
        watched.last, watched.scanned = upto, not whole

    def look(self, source: Side, target: Side, watched: Watched, keys: list[Key]) -> None:
        """Compare rows that have changed."""
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

    def validate_due(self, source: Side, target: Side, watched: Watched) -> bool:
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
        self._records.delete_validation_failure(self._sides.target, watched.name, format_key(key))
