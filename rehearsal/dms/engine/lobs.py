"""Handle large objects. In limited mode they are truncated as by DMS, and only the log shows it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from rehearsal.dms.engine.tables import Table
from rehearsal.dms.task_settings import Settings

_log = logging.getLogger(__name__)


class Lobs:
    """`limit` in bytes; None: whole values; 0: none at all (SupportLobs false)."""

    def __init__(self, settings: Settings) -> None:
        chosen = settings["TargetMetadata"]
        self.limit: int | None = None
        if not chosen["SupportLobs"]:
            self.limit = 0
        elif chosen["LimitedSizeLobMode"]:
            self.limit = int(chosen["LobMaxSize"]) * 1024
        self._told: set[tuple[str, str, str]] = set()

    def convert_row(self, table: Table, row: Sequence[Any]) -> list[Any]:
        """Return the row as the target gets it."""
        if self.limit is None:
            return list(row)
        return [
            self._cut(table, column.name, value) if column.lob and value is not None else value
            for column, value in zip(table.columns, row, strict=True)
        ]

    def _cut(self, table: Table, column: str, value: Any) -> Any:
        assert self.limit is not None
        if self.limit == 0:
            return None
        raw = value.encode() if isinstance(value, str) else value
        if not isinstance(raw, bytes) or len(raw) <= self.limit:
            return value
        if (table.schema, table.name, column) not in self._told:
            self._told.add((table.schema, table.name, column))
            _log.warning("%s.%s.%s: LOBs are truncated to %d bytes", table.schema, table.name, column, self.limit)
        cut = raw[: self.limit]
        return cut.decode(errors="ignore") if isinstance(value, str) else cut
