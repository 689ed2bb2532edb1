"""The console's records: one JSON document that survives its process.

Collections, each a map from id to record: machines, blueprints, replicas, jobs, configurations (as the API shows them),
agents, replication, launches (the console's own). `account` and `project` are the single ones.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rehearsal.cloudendure.responses import Json

COLLECTIONS = ("machines", "blueprints", "replicas", "jobs", "configurations", "agents", "replication", "launches")


class Store:
    """Every access holds one lock, so a reader never sees half of a change."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._state: Json = json.loads(file.read_text()) if file.exists() else {}
        for name in COLLECTIONS:
            self._state.setdefault(name, {})

    @contextmanager
    def read(self) -> Iterator[Json]:
        """Read only; or facts that may be lost with the process (counters, last heartbeats)."""
        with self._lock:
            yield self._state

    @contextmanager
    def edit(self) -> Iterator[Json]:
        """Change; what was changed is on disk when the block ends (also when it raises: the file never lags behind)."""
        with self._lock:
            try:
                yield self._state
            finally:
                self._save()

    def _save(self) -> None:
        half = self._file.with_suffix(".half")
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(self._state, file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(self._file)
