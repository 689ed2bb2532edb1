"""Prepare the target's tables for a load, according to TargetTablePrepMode."""

from __future__ import annotations

from rehearsal.dms.engine.databases import Connection, execute
from rehearsal.dms.engine.failures import TableFailed
from rehearsal.dms.engine.tables import Column, Name, Table, describe, quote, quote_full_name


def prepare(connection: Connection, source: Table, target: Name, mode: str) -> Table:
    """Return the target's table, ready to be loaded.

    Under DO_NOTHING its rows stay, also before a load that begins again: as in DMS,
    which applies the mode before every load (user guide, "Reloading tables during a task").

    Raises TableFailed when the target's table lacks a column.
    """
    found = describe(connection, [target]).get(target)
    if found is not None and mode == "DROP_AND_CREATE":
        execute(connection, f"DROP TABLE {quote_full_name(target)}")
        found = None
    if found is None:
        create(connection, source, target)
        found = describe(connection, [target])[target]
    elif mode == "TRUNCATE_BEFORE_LOAD":
        execute(connection, f"TRUNCATE TABLE {quote_full_name(target)}")
    missing = {column.name for column in source.columns if not column.generated} - {c.name for c in found.columns}
    if missing:
        raise TableFailed(
            source.id, f"the target's table {'.'.join(target)} has no column {', '.join(sorted(missing))}"
        )
    return found


def create(connection: Connection, source: Table, target: Name) -> None:
    """Create a table as DMS does: with columns and primary key, without AUTO_INCREMENT, defaults, secondary indexes and foreign keys."""
    execute(connection, f"CREATE DATABASE IF NOT EXISTS {quote(target[0])}")
    parts = [_render_column(column) for column in source.columns]
    if source.key:
        parts.append(f"PRIMARY KEY ({', '.join(map(quote, source.key))})")
    execute(
        connection, f"CREATE TABLE {quote_full_name(target)} ({', '.join(parts)}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
    )


def _render_column(column: Column) -> str:
    charset = f" CHARACTER SET {column.charset}" if column.charset and column.kind != "json" else ""
    # Without a word about NULL a TIMESTAMP column would get a default of its own.
    return f"{quote(column.name)} {column.type}{charset} {'NULL' if column.nullable else 'NOT NULL'}"
