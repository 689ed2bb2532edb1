"""What the task has done so far, as the API shows it. Thread-safe; counters of applied changes move when they are committed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from rehearsal.dms.engine.changes import Change
from rehearsal.dms.engine.records import TableRecord
from rehearsal.dms.engine.tables import Name

_KINDS = {"insert": "Inserts", "update": "Updates", "delete": "Deletes"}
Counts = dict[Name, dict[str, int]]


class Progress:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._records: dict[Name, TableRecord] = {}
        self._captured: Counts = {}
        self._validation: dict[Name, dict[str, Any]] = {}
        self.full_load_started: float | None = None
        self.full_load_finished: float | None = None
        self.checkpoint = ""
        self.latencies: Callable[[], tuple[float, float]] = lambda: (0.0, 0.0)

    def begin(self, records: Iterable[TableRecord]) -> None:
        """Begin a session: what was read, but not applied, will be read again."""
        with self._lock:
            self._records = {record.name: record for record in records}
            self._captured = {
                name: {
                    key: record.counters.get(f"Applied{key}", 0) for key in ("Inserts", "Updates", "Deletes", "Ddls")
                }
                for name, record in self._records.items()
            }
            started = [r.times["start"] for r in self._records.values() if "start" in r.times]
            ended = [r.times.get("end") for r in self._records.values()]
            self.full_load_started = min(started, default=self.full_load_started)
            self.full_load_finished = max((e for e in ended if e), default=None) if all(ended) and ended else None

    def record(self, name: Name) -> TableRecord | None:
        with self._lock:
            return self._records.get(name)

    def list_records(self) -> list[TableRecord]:
        with self._lock:
            return list(self._records.values())

    def add(self, record: TableRecord) -> None:
        with self._lock:
            self._records[record.name] = record

    def remove(self, name: Name) -> None:
        with self._lock:
            self._records.pop(name, None)

    def count_captured(self, change: Change) -> None:
        with self._lock:
            counts = self._captured.setdefault(change.table.id, {})
            key = _KINDS[change.kind]
            counts[key] = counts.get(key, 0) + 1

    def count_captured_ddl(self, name: Name) -> None:
        with self._lock:
            counts = self._captured.setdefault(name, {})
            counts["Ddls"] = counts.get("Ddls", 0) + 1

    def count(self, name: Name, key: str, number: int = 1) -> None:
        """Add to a counter of the table's record, which is written with the next commit."""
        with self._lock:
            if record := self._records.get(name):
                record.counters[key] = record.counters.get(key, 0) + number
                record.times["update"] = time.time()

    def set_state(self, name: Name, state: str, reason: str = "") -> None:
        with self._lock:
            if record := self._records.get(name):
                record.state, record.reason = state, reason
                record.times["update"] = time.time()

    def set_validation(self, name: Name, **values: Any) -> None:
        """Set the state of a table's validation: state, pending, failed, suspended, details."""
        with self._lock:
            self._validation.setdefault(name, {}).update(values)

    def snapshot(self) -> dict[str, Any]:
        """Return the progress as plain JSON for the control plane."""
        source, target = self.latencies()
        with self._lock:
            return {
                "tables": [self._format_table(record) for record in self._records.values()],
                "checkpoint": self.checkpoint,
                "full_load_started": self.full_load_started,
                "full_load_finished": self.full_load_finished,
                "latency_source": round(source, 3),
                "latency_target": round(target, 3),
            }

    def _format_table(self, record: TableRecord) -> dict[str, Any]:
        return {
            "schema": record.name[0],
            "table": record.name[1],
            "state": record.state,
            "reason": record.reason,
            "counters": {**record.counters, **self._captured.get(record.name, {})},
            "times": dict(record.times),
            "validation": dict(self._validation.get(record.name, {})),
        }
