"""Descriptions of the source's tables, kept in step with the binary log. Used by the capture thread alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rehearsal.dms.engine.databases import Connection, Server
from rehearsal.dms.engine.failures import TableFailed
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
    10: frozenset({"date"}),
    14: frozenset({"date"}),
}
"""Types in a table map, and information_schema's data types that are logged so."""


def fits(table: Table, logged: Sequence[Any]) -> bool:
    """Whether rows that are logged like this can be rows of the table as described."""
    return len(table.columns) == len(logged) and all(
        column.kind in _KINDS.get(one.type, (column.kind,)) for column, one in zip(table.columns, logged, strict=True)
    )


class Catalog:
    """`wanted` says whether changes of a table are to be carried (now)."""

    def __init__(self, server: Server, wanted: Callable[[Name], bool]) -> None:
        self._server, self._wanted = server, wanted
        self._connection: Connection | None = None
        self._known: dict[Name, Table] = {}

    def find(self, name: Name, logged: Sequence[Any]) -> Table | None:
        """None when the table's changes are not wanted. Raises TableFailed; database errors when the source is away."""
        if not self._wanted(name):
            return None
        table = self._known.get(name)
        if table is None or not fits(table, logged):
            table = self._describe(name)
            if table is None or not fits(table, logged):
                raise TableFailed(
                    name, "its columns have changed since these rows were logged; reload the table to go on"
                )
            self._known[name] = table
        return table

    def forget(self, name: Name) -> None:
        """Its definition has changed."""
        self._known.pop(name, None)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _describe(self, name: Name) -> Table | None:
        if self._connection is None:
            self._connection = self._server.connect()
        return describe(self._connection, [name]).get(name)
