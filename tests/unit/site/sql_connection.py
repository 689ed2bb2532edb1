"""A connection that runs the statements of the tool on SQLite, for statements that both understand."""

from __future__ import annotations

import sqlite3
from typing import Any


class SqlConnection:
    """Has the schema `gogs`, keeps the statements, and offers what the tool uses of a connection of PyMySQL."""

    def __init__(self, *statements: str) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute("ATTACH ':memory:' AS gogs")
        for statement in statements:
            self._database.execute(statement)
        self.statements: list[str] = []
        self._found: list[tuple[Any, ...]] = []

    def cursor(self) -> SqlConnection:
        return self

    def __enter__(self) -> SqlConnection:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, arguments: tuple[object, ...] | None = None) -> int:
        self.statements.append(statement)
        self._found = self._database.execute(statement.replace("%s", "?"), arguments or ()).fetchall()
        return len(self._found)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._found
