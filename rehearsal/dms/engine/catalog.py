"""Descriptions of the source's tables, kept in step with the binary log. Used by the capture thread alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from rehearsal.dms.engine.databases import Connection
from rehearsal.dms.engine.failures import TableFailed
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.tables import Name, Table, describe

_KINDS: dict[int, frozenset[str]] = {
    1: frozenset({"tinyint"}),
    2: frozenset({"smallint"}),
    3: frozenset({"int"}),
    4: frozenset({"float"}),
    5: frozenset({"double"}),
    8: frozenset({"bigint"}),
    9: frozenset({"mediumint"}),
    13: frozenset({"year"}),
    15: frozenset({"varchar", "varbinary"}),
    16: frozenset({"bit"}),
    17: frozenset({"timestamp"}),
    18: frozenset({"datetime"}),
    19: frozenset({"time"}),
    246: frozenset({"decimal"}),
    247: frozenset({"enum"}),
    248: frozenset({"set"}),
    252: frozenset(
        {"tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob", "json"}
    ),
    245: frozenset({"json"}),
    10: frozenset({"date"}),
    14: frozenset({"date"}),
}
"""Types in a table map, and information_schema's data types that are logged so."""


def is_fitting(table: Table, logged: Sequence[Any]) -> bool:
    """Return whether rows that are logged like this can be rows of the table as described."""
    return len(table.columns) == len(logged) and all(
        column.kind in _KINDS.get(one.type, (column.kind,)) for column, one in zip(table.columns, logged, strict=True)
    )


class Catalog:
    """What a table looked like when a row of it was logged.

    `known` are the descriptions with which the tables were loaded: they hold until a statement in the log changes them. Then the
    source is asked; it may be ahead of the log by more statements. If so the target is: when it has applied all that was
    read before (`drained` waits for that), it is where the log is.
    """

    def __init__(self, job: Job, known: dict[Name, Table], *, drained: Callable[[], None]) -> None:
        self._job, self._known, self._drained = job, known, drained
        self._source: Connection | None = None
        self._target: Connection | None = None

    def find(self, name: Name, logged: Sequence[Any]) -> Table | None:
        """Return the table; None for one that is not replicated. Raises TableFailed, and database errors when a server is not reachable."""
        if not self._job.mappings.is_selected(*name):
            return None
        table = self._known.get(name)
        if table is None or not is_fitting(table, logged):
            table = self._read_from_source(name)
            if table is None or not is_fitting(table, logged):
                table = self._read_from_target(name)
            if table is None or not is_fitting(table, logged):
                raise TableFailed(
                    name, "its columns have changed since these rows were logged; reload the table to go on"
                )
            self._known[name] = table
        return table

    def remove_table(self, name: Name) -> None:
        """Remove a table from the cache, because its definition has changed."""
        self._known.pop(name, None)

    def close(self) -> None:
        for connection in (self._source, self._target):
            if connection is not None:
                connection.close()
        self._source = self._target = None

    def _read_from_source(self, name: Name) -> Table | None:
        self._source = self._source or self._job.source.connect()
        return describe(self._source, [name]).get(name)

    def _read_from_target(self, name: Name) -> Table | None:
        self._drained()
        self._target = self._target or self._job.target.connect()
        into = self._job.map_name(name)
        found = describe(self._target, [into]).get(into)
        return replace(found, schema=name[0], name=name[1]) if found else None
