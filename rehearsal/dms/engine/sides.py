"""Both sides of each table under validation, on one connection to each server."""

from __future__ import annotations

import pymysql

from rehearsal.dms.engine.compare import Side
from rehearsal.dms.engine.databases import Connection, execute
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.tables import Name, Table, describe

LOCK_WAIT_SECONDS = 5


class Sides:
    """Opens and keeps the sides. After an error the caller closes them, and the next call opens them again."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._connections: list[Connection] = []
        self._known: dict[Name, tuple[Side, Side]] = {}

    @property
    def target(self) -> Connection:
        """Return the connection to the target. A side was opened before."""
        return self._connections[1]

    def keep(self, name: Name, sides: tuple[Side, Side]) -> None:
        """Keep the sides of a table."""
        self._known[name] = sides

    def forget(self, name: Name) -> None:
        """Forget a table, because its columns may have changed: the next call describes it again."""
        self._known.pop(name, None)

    def forget_changed(self, table: Table) -> None:
        """Forget a table if it is not as it was when its sides were opened."""
        known = self._known.get(table.id)
        if known is not None and known[0].table is not table and known[0].table != table:
            del self._known[table.id]

    def open(self, name: Name) -> tuple[Side, Side] | None:
        """Return both sides of a table; None without a primary key. They are cached, because a query of the columns is slow."""
        if (known := self._known.get(name)) is not None:
            return known
        if not self._connections:
            self._connections = [self._job.source.connect(), self._job.target.connect()]
            execute(self._connections[0], f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}")
        into = self._job.map_name(name)
        source = describe(self._connections[0], [name]).get(name)
        target = describe(self._connections[1], [into]).get(into)
        if source is None or target is None:
            raise pymysql.err.ProgrammingError(1146, "the table is not on both servers")
        if not source.key:
            return None
        there = {column.name: column for column in target.columns}
        if any(column.name not in there for column in source.columns):
            raise pymysql.err.ProgrammingError(1054, "the columns of source and target differ")
        ours = tuple(there[column.name] for column in source.columns)
        keyed = type(target)(target.schema, target.name, target.columns, source.key)
        ends = Side(self._connections[0], name, source, source.columns), Side(self._connections[1], into, keyed, ours)
        self.keep(name, ends)
        return ends

    def close(self) -> None:
        """Close both connections."""
        for connection in self._connections:
            try:
                connection.close()
            except pymysql.err.MySQLError:
                continue  # it was lost before
        self._connections = []
        self._known = {}
