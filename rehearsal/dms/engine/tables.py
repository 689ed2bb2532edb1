"""Tables and columns as the engine sees them, read from information_schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rehearsal.dms.engine.databases import Connection, read_rows

Name = tuple[str, str]
"""(schema, table)"""
LOBS = frozenset({"text", "mediumtext", "longtext", "blob", "mediumblob", "longblob", "json"})
INDEXED = frozenset({"enum", "set", "bit"})
"""Carried as their number: that is exact whatever the text of a member is."""
SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys", "awsdms_control")


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    """information_schema's data_type"""
    type: str
    """information_schema's column_type"""
    charset: str | None
    nullable: bool
    octets: int | None
    generated: bool = False

    @property
    def unsigned(self) -> bool:
        return "unsigned" in self.type

    @property
    def lob(self) -> bool:
        return self.kind in LOBS

    @property
    def selected(self) -> str:
        """The expression that reads the value without loss."""
        name = quote(self.name)
        if self.kind in INDEXED:
            return f"CAST({name} AS UNSIGNED)"
        return f"{name} + 0e0" if self.kind == "float" else name


@dataclass(frozen=True)
class Table:
    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns of the primary key, in its order; empty when there is none."""

    @property
    def id(self) -> Name:
        return self.schema, self.name

    @cached_property
    def written(self) -> tuple[int, ...]:
        """Return the positions of the writable columns. Generated columns are not writable."""
        return tuple(number for number, column in enumerate(self.columns) if not column.generated)

    @cached_property
    def key_positions(self) -> tuple[int, ...]:
        names = [column.name for column in self.columns]
        return tuple(names.index(name) for name in self.key)


def quote(name: str) -> str:
    """Return the name as a quoted identifier."""
    return "`" + name.replace("`", "``") + "`"


def quote_full_name(name: Name) -> str:
    """Return the quoted schema and table, joined by a dot."""
    return f"{quote(name[0])}.{quote(name[1])}"


def list_names(connection: Connection) -> list[Name]:
    """Return base tables outside the server's own schemas, in order."""
    query = (
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN %s ORDER BY table_schema, table_name"
    )
    return [(str(schema), str(name)) for schema, name in read_rows(connection, query, (SYSTEM_SCHEMAS,))]


def describe(connection: Connection, wanted: Iterable[Name]) -> dict[Name, Table]:
    """Return the wanted tables that exist."""
    columns: dict[Name, list[Column]] = {}
    keys: dict[Name, list[str]] = {}
    chosen = set(wanted)
    if not chosen:
        return {}
    schemas = tuple({schema for schema, _ in chosen})
    for schema, table, name, kind, type_, charset, nullable, octets, extra in read_rows(
        connection,
        "SELECT table_schema, table_name, column_name, data_type, column_type, character_set_name, is_nullable,"
        " character_octet_length, extra FROM information_schema.columns WHERE table_schema IN %s"
        " ORDER BY table_schema, table_name, ordinal_position",
        (schemas,),
    ):
        generated = "GENERATED" in extra.upper() and "DEFAULT_GENERATED" not in extra.upper()
        columns.setdefault((schema, table), []).append(
            Column(name, kind, type_, charset, nullable == "YES", octets, generated)
        )
    for schema, table, name in read_rows(
        connection,
        "SELECT table_schema, table_name, column_name FROM information_schema.statistics"
        " WHERE index_name = 'PRIMARY' AND table_schema IN %s ORDER BY table_schema, table_name, seq_in_index",
        (schemas,),
    ):
        keys.setdefault((schema, table), []).append(name)
    return {
        name: Table(name[0], name[1], tuple(found), tuple(keys.get(name, ())))
        for name, found in columns.items()
        if name in chosen
    }
