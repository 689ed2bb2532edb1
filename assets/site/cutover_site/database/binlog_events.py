"""Typed events of the binary log, whichever of the servers' own tools has read it.

`SHOW BINLOG EVENTS` (binlog_listing.py) names the tables that were written. `mysqlbinlog` (binlog_text.py) also shows the keys of the rows. Both
give the kind and the text of each event to `classify`. So what is unknown is decided here and nowhere else: it may have written anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple, Union

CHANGES_NOTHING = re.compile(
    r"^(use `(?:[^`]|``)+`; )?(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|# Dummy|GTID|FLUSH )", re.IGNORECASE
)
"""begins the text of a Query event that changes no row"""
SWITCHES_SCHEMA = re.compile(
    r"^(?:use `(?:[^`]|``)+`; )?ALTER (?:DATABASE|SCHEMA) `(?:[^`]|``)+` READ ONLY = [01](?: /\* xid=\d+ \*/)?$"
)
"""text of the Query event by which the freeze of a managed server closes a schema, and its end opens it"""
SERVICE_STATEMENT = re.compile(
    r"^(?:use `mysql`; )?(?:INSERT INTO mysql\.rds_heartbeat2\(id, value\) values \(1, ?\d+\) ON DUPLICATE KEY UPDATE value = \d+"
    r"|INSERT INTO mysql\.rds_sysinfo\(name, value\) values \('[^'\\]*', ?'[^'\\]*'\)|DELETE FROM mysql\.rds_sysinfo where name = '[^'\\]*')"
    r"(?: /\* xid=\d+ \*/)?$",
    re.IGNORECASE,
)
"""Text of statements that RDS itself executes on its own tables, every five minutes and after a restart, where its session does not log rows"""
ROWS = re.compile(r"^(Write|Update|Delete)_(compressed_)?rows")
MAPPED = re.compile(
    r"^(?:table_id: \d+ \((?P<schema>.+?)\.(?P<table>.+)\)|`(?P<quoted_schema>.+?)`\.`(?P<quoted_table>.+)` mapped to number \d+)"
)
"""text of a Table_map event: first as the server lists it, then as its tool prints it; the same from MySQL and MariaDB"""
FRAMES = {
    "Format_desc", "Previous_gtids", "Gtid_list", "Gtid", "Gtid_tagged", "Anonymous_Gtid", "Xid", "XA_prepare", "Rotate", "Stop", "Heartbeat",
    "Binlog_checkpoint", "Start_encryption", "Annotate_rows", "Rows_query", "Transaction_payload", "Intvar", "RAND", "User var",
}  # fmt: skip
"""Kinds that change no row by themselves. The events inside a Transaction_payload are listed after it."""


class Table(NamedTuple):
    """A table by its schema and its name."""

    schema: str
    name: str


@dataclass(frozen=True)
class TableWritten:
    """Rows of this table were written."""

    table: Table


class RowWritten(NamedTuple):
    """A row was written. A tuple, because there is one for each row.

    `keys` are the primary keys of the row before and after. It is empty when the log does not show them.
    """

    table: Table
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Frame:
    """An event that changes no table but those named before it: begin and end of a transaction or a log, its identity, its rows."""

    kind: str


@dataclass(frozen=True)
class Statement:
    """The server executed this SQL text. It may have written anything."""

    text: str


@dataclass(frozen=True)
class SchemaSwitched:
    """A schema was made read-only or writable. This changes no row."""

    text: str


@dataclass(frozen=True)
class UnknownEvent:
    """An event of a kind or a form that is not known here. It may have written anything."""

    kind: str
    text: str


Event = Union[TableWritten, RowWritten, Frame, SchemaSwitched, Statement, UnknownEvent]
WRITES_ANYTHING = (Statement, UnknownEvent)


def classify(kind: str, text: str) -> Event:
    """Return the typed event. `kind` is the event's type as SHOW BINLOG EVENTS names it, `text` what is known of its content."""
    if kind == "Table_map":
        mapped = MAPPED.match(text)
        if mapped is None:
            return UnknownEvent(kind, text)
        return TableWritten(
            Table(mapped["schema"] or mapped["quoted_schema"], mapped["table"] or mapped["quoted_table"])
        )
    if kind == "Query":
        if SWITCHES_SCHEMA.match(text):
            return SchemaSwitched(text)
        if SERVICE_STATEMENT.match(text):
            return Frame(kind)
        return Frame(kind) if CHANGES_NOTHING.match(text) else Statement(text)
    return Frame(kind) if kind in FRAMES or ROWS.match(kind) else UnknownEvent(kind, text)
