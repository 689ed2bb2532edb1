"""The content of the binary log, by transaction."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from rehearsal.dms.engine.databases import Position
from rehearsal.dms.engine.failures import TableFailed
from rehearsal.dms.engine.tables import Table

Kind = Literal["insert", "update", "delete"]


@dataclass(frozen=True)
class Change:
    """One row. `before` is missing in an insert, `after` in a delete; both are whole rows."""

    table: Table
    kind: Kind
    before: list[Any] | None
    after: list[Any] | None


@dataclass(frozen=True)
class Statement:
    """DDL, which a server runs outside of any transaction."""

    schema: str
    text: str


@dataclass
class Transaction:
    """All changes of one commit at the source, or one statement, or nothing of ours. `end` is the position after it."""

    end: Position
    committed: float
    """Unix seconds, by the source's clock, which has no fractions in the log."""
    received: float
    """Unix seconds, by ours."""
    changes: list[Change] = field(default_factory=list)
    statement: Statement | None = None
    failures: list[TableFailed] = field(default_factory=list)
    """Tables whose changes in this transaction could not be read."""
    size: int = 0

    @property
    def matters(self) -> bool:
        return bool(self.changes) or self.statement is not None


@dataclass(frozen=True)
class Ended:
    """The reader has come to its end."""

    error: Exception


class Inbox:
    """Transactions on their way from the reader to the applier, limited in bytes. Thread-safe."""

    def __init__(self, limit: int = 64 * 1024 * 1024) -> None:
        self._items: deque[Transaction | Ended] = deque()
        self._size = 0
        self._limit = limit
        self._changed = threading.Condition()
        self._woken = False
        self._waiting = False
        self.closed = False

    def put(self, item: Transaction | Ended) -> None:
        """Wait while too much is under way."""
        size = item.size if isinstance(item, Transaction) else 0
        with self._changed:
            while self._size > self._limit and not self.closed:
                self._changed.wait()
            self._items.append(item)
            self._size += size
            self._changed.notify_all()

    def get(self, timeout: float | None) -> Transaction | Ended | None:
        """Return the next transaction; None after `wake`, or after `timeout` seconds."""
        with self._changed:
            self._waiting = timeout != 0  # who only looks whether there is more has not applied what it has
            self._changed.notify_all()
            self._changed.wait_for(lambda: bool(self._items) or self._woken, timeout)
            self._waiting = self._woken = False
            if not self._items:
                return None
            item = self._items.popleft()
            self._size -= item.size if isinstance(item, Transaction) else 0
            self._changed.notify_all()
            return item

    def wait_until_applied(self) -> None:
        """Wait until the applier has applied all changes and requests more (or there is none any more)."""
        with self._changed:
            self._changed.wait_for(lambda: (not self._items and self._waiting) or self.closed)

    def get_oldest_time(self) -> float | None:
        """Return the time at which the source committed the oldest change in flight."""
        with self._changed:
            return next((one.committed for one in self._items if isinstance(one, Transaction) and one.matters), None)

    def wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """Close the inbox, so that the reader does not wait for a consumer any more."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()
