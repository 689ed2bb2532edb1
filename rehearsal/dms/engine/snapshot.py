"""A consistent view of the source, and where in the binary log it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from rehearsal.dms.engine.databases import Connection, Position, Server, end_of_log, execute, read_rows
from rehearsal.dms.engine.failures import TaskFailed


@dataclass(frozen=True)
class Snapshot:
    """Every change up to `low` is in it; none after `high` is. They are equal if the server reports the position of the snapshot (MariaDB)."""

    connection: Connection
    low: Position
    high: Position


View = Callable[[Server], AbstractContextManager[Snapshot]]


@contextmanager
def snapshot(source: Server) -> Iterator[Snapshot]:
    """Open a snapshot. It needs no lock and no privilege beyond SELECT and REPLICATION CLIENT. Raises TaskFailed, database errors."""
    connection = source.connect(streaming=True)
    try:
        low = _require_position(end_of_log(connection))
        execute(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        execute(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        exact: dict[str, str] = {
            row[0]: row[1] for row in read_rows(connection, "SHOW STATUS LIKE 'binlog_snapshot_%'")
        }
        file, offset = (exact.get(f"Binlog_snapshot_{part}") for part in ("file", "position"))
        if file and offset:
            at = Position.of(str(file), int(offset))
            yield Snapshot(connection, at, at)
        else:
            yield Snapshot(connection, low, _require_position(end_of_log(connection)))
    finally:
        connection.close()


def _require_position(position: Position | None) -> Position:
    if position is None:
        raise TaskFailed("the source writes no binary log (log_bin): changes cannot be captured")
    return position
