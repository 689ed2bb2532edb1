"""Commands of the supervisor to a running engine: stop, reload tables, fail. Thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.dms.engine.failures import TableFailed, TaskFailed
from rehearsal.dms.engine.tables import Name


@dataclass
class Commands:
    """`changed` wakes whoever may be waiting."""

    changed: Callable[[], None] = lambda: None
    stopping: threading.Event = field(default_factory=threading.Event)
    lag: float = 0.0
    """Seconds that a change waits after it was read: an ordered fault."""
    _reload: list[Name] = field(default_factory=list)
    _broken: list[TableFailed] = field(default_factory=list)
    _failure: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: Mapping[str, Any]) -> None:
        """Handle one command: {"command": "stop" | "reload" | "fail" | "lag" | "table-error", …}. Raises KeyError, ValueError."""
        kind = message["command"]
        with self._lock:
            if kind == "stop":
                self.stopping.set()
            elif kind == "reload":
                self._reload += [(schema, table) for schema, table in message["tables"]]
            elif kind == "fail":
                self._failure = str(message["message"])
            elif kind == "lag":
                self.lag = float(message["seconds"])
            elif kind == "table-error":
                name = (str(message["schema"]), str(message["table"]))
                self._broken.append(TableFailed(name, str(message["message"])))
            else:
                raise ValueError(f"unknown command {kind!r}")
        self.changed()

    def check(self) -> None:
        """Raise TaskFailed when that was ordered."""
        with self._lock:
            message, self._failure = self._failure, ""
        if message:
            raise TaskFailed(message)

    def take_reloads(self) -> Sequence[Name]:
        with self._lock:
            found, self._reload = self._reload, []
        return list(dict.fromkeys(found))

    def take_broken(self) -> Sequence[TableFailed]:
        with self._lock:
            found, self._broken = self._broken, []
        return found
