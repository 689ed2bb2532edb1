"""What the engine keeps on the target, in the control schema: the checkpoint, the state of each table, what went wrong.

The checkpoint and the counters are written in the same transaction as the rows they are about, so a killed engine goes on exactly
where the target is. The tables awsdms_apply_exceptions and awsdms_validation_failures_v1 are those of DMS.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.dms.engine.databases import Connection, Position, execute, read_rows
from rehearsal.dms.engine.tables import Name, quote

_TABLES = (
    """CREATE TABLE IF NOT EXISTS {schema}.awsdms_txn_state (
        task_name VARCHAR(128) NOT NULL PRIMARY KEY, checkpoint VARCHAR(255) NULL, statement VARCHAR(255) NULL,
        last_update TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)) {options}""",
    """CREATE TABLE IF NOT EXISTS {schema}.awsdms_table_state (
        task_name VARCHAR(128) NOT NULL, table_owner VARCHAR(64) NOT NULL, table_name VARCHAR(64) NOT NULL,
        state LONGTEXT NOT NULL, PRIMARY KEY (task_name, table_owner, table_name)) {options}""",
    """CREATE TABLE IF NOT EXISTS {schema}.awsdms_apply_exceptions (
        TASK_NAME VARCHAR(128) NOT NULL, TABLE_OWNER VARCHAR(128) NOT NULL, TABLE_NAME VARCHAR(128) NOT NULL,
        ERROR_TIME TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), STATEMENT LONGTEXT NOT NULL, ERROR LONGTEXT NOT NULL)
        {options}""",
    """CREATE TABLE IF NOT EXISTS {schema}.awsdms_validation_failures_v1 (
        TASK_NAME VARCHAR(128) NOT NULL, TABLE_OWNER VARCHAR(128) NOT NULL, TABLE_NAME VARCHAR(128) NOT NULL,
        FAILURE_TIME DATETIME(3) NOT NULL, KEY_TYPE VARCHAR(128) NOT NULL, `KEY` TEXT NOT NULL,
        FAILURE_TYPE VARCHAR(128) NOT NULL, DETAILS TEXT NOT NULL) {options}""",
)
_OPTIONS = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"


@dataclass
class TableRecord:
    """One table of a task. Changes at or before `low` are in the loaded rows; between `low` and `high` they may be."""

    name: Name
    state: str = "Before load"
    low: Position | None = None
    high: Position | None = None
    reason: str = ""
    counters: dict[str, int] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)

    @property
    def loaded(self) -> bool:
        return self.state == "Table completed"

    @property
    def failed(self) -> bool:
        return self.state == "Table error"

    def dump(self) -> str:
        return json.dumps(
            {
                "state": self.state,
                "low": str(self.low) if self.low else None,
                "high": str(self.high) if self.high else None,
                "reason": self.reason,
                "counters": self.counters,
                "times": self.times,
            }
        )

    @classmethod
    def parse(cls, name: Name, text: str) -> TableRecord:
        raw = json.loads(text)
        low, high = parse_position(raw["low"]), parse_position(raw["high"])
        return cls(name, raw["state"], low, high, raw["reason"], raw["counters"], raw["times"])


@dataclass(frozen=True)
class Checkpoint:
    """`applied`: everything up to there is on the target. `statement`: this one was begun, and perhaps done."""

    applied: Position | None
    statement: Position | None


def parse_position(text: str | None) -> Position | None:
    """Return the position of `FILE:OFFSET`; None for an empty text."""
    if not text:
        return None
    file, _, offset = text.rpartition(":")
    return Position.of(file, int(offset))


class Records:
    """`task` is the key of the rows. Every method uses the given connection and leaves the commit to its caller."""

    def __init__(self, task: str, schema: str) -> None:
        self._task, self._schema = task, quote(schema)

    def create(self, connection: Connection) -> None:
        execute(connection, f"CREATE DATABASE IF NOT EXISTS {self._schema}")
        for text in _TABLES:
            execute(connection, text.format(schema=self._schema, options=_OPTIONS))

    def clear(self, connection: Connection) -> None:
        """Remove the records of the last run. The recorded errors stay."""
        for table in ("awsdms_txn_state", "awsdms_table_state"):
            execute(connection, f"DELETE FROM {self._schema}.{table} WHERE task_name = %s", (self._task,))
        execute(
            connection, f"DELETE FROM {self._schema}.awsdms_validation_failures_v1 WHERE TASK_NAME = %s", (self._task,)
        )

    def read_checkpoint(self, connection: Connection) -> Checkpoint | None:
        found = read_rows(
            connection,
            f"SELECT checkpoint, statement FROM {self._schema}.awsdms_txn_state WHERE task_name = %s",
            (self._task,),
        )
        return Checkpoint(parse_position(found[0][0]), parse_position(found[0][1])) if found else None

    def put_checkpoint(
        self, connection: Connection, applied: Position | None, statement: Position | None = None
    ) -> None:
        execute(
            connection,
            f"INSERT INTO {self._schema}.awsdms_txn_state (task_name, checkpoint, statement) VALUES (%s, %s, %s)"
            " ON DUPLICATE KEY UPDATE checkpoint = VALUES(checkpoint), statement = VALUES(statement)",
            (self._task, str(applied) if applied else None, str(statement) if statement else None),
        )

    def read_tables(self, connection: Connection) -> list[TableRecord]:
        query = f"SELECT table_owner, table_name, state FROM {self._schema}.awsdms_table_state WHERE task_name = %s"
        return [
            TableRecord.parse((owner, name), text) for owner, name, text in read_rows(connection, query, (self._task,))
        ]

    def put_tables(self, connection: Connection, records: Iterable[TableRecord]) -> None:
        values: list[Sequence[Any]] = [(self._task, *record.name, record.dump()) for record in records]
        if values:
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {self._schema}.awsdms_table_state (task_name, table_owner, table_name, state)"
                    " VALUES (%s, %s, %s, %s) ON DUPLICATE KEY UPDATE state = VALUES(state)",
                    values,
                )

    def drop_table(self, connection: Connection, name: Name) -> None:
        execute(
            connection,
            f"DELETE FROM {self._schema}.awsdms_table_state WHERE task_name = %s AND table_owner = %s AND table_name = %s",
            (self._task, *name),
        )

    def apply_exception(self, connection: Connection, name: Name, statement: str, error: str) -> None:
        execute(
            connection,
            f"INSERT INTO {self._schema}.awsdms_apply_exceptions (TASK_NAME, TABLE_OWNER, TABLE_NAME, STATEMENT, ERROR)"
            " VALUES (%s, %s, %s, %s, %s)",
            (self._task, *name, statement, error),
        )

    def write_validation_failure(self, connection: Connection, name: Name, key: str, kind: str, details: str) -> None:
        self.delete_validation_failure(connection, name, key)
        execute(
            connection,
            f"INSERT INTO {self._schema}.awsdms_validation_failures_v1 VALUES (%s, %s, %s, UTC_TIMESTAMP(3), 'Row', %s, %s, %s)",
            (self._task, *name, key, kind, details[:8000]),
        )

    def delete_validation_failure(self, connection: Connection, name: Name, key: str) -> None:
        execute(
            connection,
            f"DELETE FROM {self._schema}.awsdms_validation_failures_v1"
            " WHERE TASK_NAME = %s AND TABLE_OWNER = %s AND TABLE_NAME = %s AND `KEY` = %s",
            (self._task, *name, key),
        )
