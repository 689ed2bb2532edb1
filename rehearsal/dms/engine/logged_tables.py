"""The tables of the source's log: what the reader of the log needs of them, and what it reports of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rehearsal.dms.engine.catalog import Catalog
from rehearsal.dms.engine.changes import Change
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.tables import Name, Table


class LoggedTables(Protocol):
    """The tables of the log. Only the capture thread calls it."""

    def find(self, name: Name, logged: Sequence[Any]) -> Table | None:
        """Return the description that fits the columns in the log; None: the table is not replicated. Raises TableFailed."""

    def remove_table(self, name: Name) -> None:
        """Remove the description of a table that a statement concerns."""

    def count_captured(self, change: Change) -> None:
        """Count a change when it is read."""


@dataclass(frozen=True)
class ReplicatedTables:
    """The tables of a task: the catalog describes them, and the progress counts their changes."""

    catalog: Catalog
    progress: Progress

    def find(self, name: Name, logged: Sequence[Any]) -> Table | None:
        """Return the catalog's description. Raises TableFailed, and database errors when a server is not reachable."""
        return self.catalog.find(name, logged)

    def remove_table(self, name: Name) -> None:
        """Remove a table from the catalog."""
        self.catalog.remove_table(name)

    def count_captured(self, change: Change) -> None:
        """Count a change in the progress."""
        self.progress.count_captured(change)
