"""Open sessions on the database: each has one connection of a small pool and one short transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from ..config.config import Config
from .dsn import build_arguments
from .schema import build_blanks

Row = dict[str, Any]


class Session:
    """The statements of one transaction. They raise pymysql.MySQLError."""

    def __init__(self, connection: Connection[DictCursor]) -> None:
        self._connection = connection

    def fetch_all(self, statement: str, *values: object) -> list[Row]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def fetch_one(self, statement: str, *values: object) -> Row | None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()

    def run(self, statement: str, *values: object) -> int:
        """Run a statement and return the number of changed rows."""
        with self._connection.cursor() as cursor:
            return cursor.execute(statement, values)

    def insert(self, table: str, **columns: object) -> int:
        """Insert a row and return its id.

        A column without a value gets its default, or 0 or the empty text, never NULL.
        """
        row = {**build_blanks(table), **columns}
        assignments = ", ".join(f"`{name}` = %s" for name in row)
        with self._connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO `{table}` SET {assignments}", tuple(row.values()))
            return cursor.lastrowid

    def fetch_existing(self, statement: str, *values: object) -> Row:
        """Return the row that must exist. Raises LookupError."""
        found = self.fetch_one(statement, *values)
        if found is None:
            raise LookupError(f"no row: {statement} with {values}")
        return found

    def commit(self) -> None:
        """Make the changes visible to other processes now. The session continues with a new transaction."""
        self._connection.commit()

    def roll_back(self) -> None:
        """Discard the session's changes since the last commit."""
        self._connection.rollback()


class LostConnection(OSError):
    """An idle connection has been lost."""


class Database:
    """A pool of at most `limit` connections. A caller waits for a free one.

    An idle connection is tested before it is used.
    """

    def __init__(self, config: Config, limit: int | None = None) -> None:
        self._arguments = build_arguments(config)
        self._limit = threading.BoundedSemaphore(limit or config.database_connections)
        self._idle: list[Connection[DictCursor]] = []
        self._lock = threading.Lock()
        self._lost = False
        """a connection was lost, and no health request has reported that yet"""

    @contextmanager
    def open_session(self) -> Iterator[Session]:
        """Open a session that commits when the block ends, and rolls back when it raises."""
        with self._limit:
            connection = self._take()
            try:
                yield Session(connection)
                connection.commit()
            except BaseException:
                self._reset_and_release(connection)
                raise
            with self._lock:
                self._idle.append(connection)

    def probe(self) -> None:
        """Test one connection, an idle one if possible.

        Raises LostConnection when an idle one was lost, pymysql.MySQLError or OSError when no new one can be opened. Gogs's health
        page behaves in this way: each request after the loss of the database removes one idle connection.
        """
        with self._lock:
            idle = self._idle.pop() if self._idle else None
            lost, self._lost = self._lost, False
        if idle is None and lost:
            raise LostConnection("a connection was found dead, and this is the first look since")
        if idle is None:
            with self.open_session() as session:
                session.fetch_one("SELECT 1 AS alive")
            return
        try:
            idle.ping(reconnect=False)
        except (pymysql.MySQLError, OSError) as error:
            _close(idle)
            raise LostConnection(str(error)) from error
        with self._lock:
            self._idle.append(idle)

    def _take(self) -> Connection[DictCursor]:
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection = self._idle.pop()
            try:
                connection.ping(reconnect=False)
            except (pymysql.MySQLError, OSError):
                _close(connection)
                self._lost = True
            else:
                return connection
        connection = pymysql.connect(
            cursorclass=DictCursor,
            # Readers must see what a hook's process has just committed, and no statement may lock a gap.
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            **self._arguments,
        )
        self._lost = False
        return connection

    def _reset_and_release(self, connection: Connection[DictCursor]) -> None:
        try:
            connection.rollback()
        except (pymysql.MySQLError, OSError):
            _close(connection)
        else:
            with self._lock:
                self._idle.append(connection)


def _close(connection: Connection[DictCursor]) -> None:
    try:
        connection.close()
    except (pymysql.MySQLError, OSError):
        return
