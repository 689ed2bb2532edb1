"""The table of the markers on an adopted database server: a run writes a row there when it has stopped all other writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class MarkersState:
    """What the server has."""

    has_schema: bool
    has_table: bool


class Markers(Protocol):
    """The table of the markers on one server. Each method raises SiteError."""

    def read(self) -> MarkersState:
        """Return what the server has."""

    def create(self) -> None:
        """Create the schema and the table, if they do not exist."""

    def remove(self, *, with_schema: bool) -> list[str]:
        """Remove the table, and the schema if it is empty then. Return a sentence for what stays."""
