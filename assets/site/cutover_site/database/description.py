"""Describe tables by information_schema, in one form for MySQL and MariaDB, so that the tables of two servers can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutover_site.database.collations import normalize
from cutover_site.database.column_facts import BINARY_TYPES, ColumnFacts, parse_column
from cutover_site.database.connections import Connection, fetch_rows
from cutover_site.database.create_statement import UnreadableTable, parse_rules, read_create_statement
from cutover_site.database.products import Product, read_product

QUOTED_DEFAULTS_SINCE = (10, 2, 7)
"""first MariaDB that shows a default as an expression: text in quotes, NULL as a word"""
INDEXES_WITHOUT_PREFIX = {"SPATIAL"}
"""index types whose sub_part has no meaning"""
SAME_RULE = {"NO ACTION": "RESTRICT"}


@dataclass(frozen=True)
class Index:
    """What is compared of an index."""

    unique: bool
    kind: str
    columns: tuple[tuple[str, int | None], ...]
    """name and length of the prefix"""


@dataclass(frozen=True)
class ForeignKey:
    """What is compared of a foreign key. The rules are empty where the server does not show them."""

    columns: tuple[str, ...]
    schema: str
    table: str
    referenced_columns: tuple[str, ...]
    on_update: str
    on_delete: str


@dataclass
class TableFacts:
    """What is compared of a table."""

    kind: str
    """table_type"""
    engine: str
    collation: str
    options: str
    columns: dict[str, ColumnFacts] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    foreign_keys: dict[str, ForeignKey] = field(default_factory=dict)


def describe(connection: Connection, schema: str) -> dict[str, TableFacts]:
    """Return the facts of everything in the schema except views, by name."""
    quoting = _has_quoted_defaults(read_product(connection))
    found = {
        str(name): TableFacts(str(kind), str(engine or ""), normalize(str(collation or "")), str(options or "").lower())
        for name, kind, engine, collation, options in fetch_rows(connection, _TABLES, (schema,))
        if kind not in ("VIEW", "SYSTEM VIEW")
    }
    for table, column, kind, text, nullable, default, collation, extra in fetch_rows(connection, _COLUMNS, (schema,)):
        if table in found:
            found[table].columns[str(column)] = parse_column(
                str(kind), str(text), nullable, default, collation, str(extra), quoting=quoting
            )
    _add_indexes(connection, schema, found)
    _add_foreign_keys(connection, schema, found)
    return found


def find_unreadable(connection: Connection, schema: str, tables: Mapping[str, TableFacts]) -> list[str]:
    """Return a sentence for each table whose definition cannot be read. MariaDB 10.11 has such tables, 11.8 shows the bytes in hexadecimal."""
    found = []
    for name, table in sorted(tables.items()):
        if any(column.kind in BINARY_TYPES and column.default for column in table.columns.values()):
            try:
                read_create_statement(connection, schema, name)
            except UnreadableTable as error:
                found.append(error.reason)
    return found


def _has_quoted_defaults(server: Product) -> bool:
    return not server.mysql and server.version >= QUOTED_DEFAULTS_SINCE


def _add_indexes(connection: Connection, schema: str, found: dict[str, TableFacts]) -> None:
    parts: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for table, name, *part in fetch_rows(connection, _INDEXES, (schema,)):
        if table in found:
            parts.setdefault((str(table), str(name)), []).append(tuple(part))
    for (table, name), listed in parts.items():
        listed.sort(key=lambda part: int(part[1]))
        kind = str(listed[0][4]).upper()
        columns = tuple(
            (str(column or "(expression)"), int(length) if length and kind not in INDEXES_WITHOUT_PREFIX else None)
            for _, _, column, length, _ in listed
        )
        found[table].indexes[name] = Index(not int(listed[0][0]), "" if kind == "BTREE" else kind, columns)


def _add_foreign_keys(connection: Connection, schema: str, found: dict[str, TableFacts]) -> None:
    rules = {
        (table, name): (update, delete) for table, name, update, delete in fetch_rows(connection, _RULES, (schema,))
    }
    parts: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for table, name, *part in fetch_rows(connection, _FOREIGN_KEYS, (schema,)):
        parts.setdefault((str(table), str(name)), []).append(tuple(part))
    for (table, name), listed in parts.items():
        if table not in found:
            continue
        listed.sort(key=lambda part: int(part[0]))
        if (table, name) not in rules:  # MariaDB hides them from users who may only read
            rules[table, name] = parse_rules(read_create_statement(connection, schema, table), name)
        update, delete = (SAME_RULE.get(str(rule), str(rule)) for rule in rules[table, name])
        found[table].foreign_keys[name] = ForeignKey(
            tuple(str(part[1]) for part in listed),
            str(listed[0][2]),
            str(listed[0][3]),
            tuple(str(part[4]) for part in listed),
            update,
            delete,
        )


_TABLES = "SELECT table_name, table_type, engine, table_collation, create_options FROM information_schema.tables WHERE table_schema = %s"
_COLUMNS = """
    SELECT table_name, column_name, data_type, column_type, is_nullable, column_default, collation_name, extra
    FROM information_schema.columns WHERE table_schema = %s
"""
_INDEXES = """
    SELECT table_name, index_name, non_unique, seq_in_index, column_name, sub_part, index_type
    FROM information_schema.statistics WHERE table_schema = %s
"""
_RULES = "SELECT table_name, constraint_name, update_rule, delete_rule FROM information_schema.referential_constraints WHERE constraint_schema = %s"
_FOREIGN_KEYS = """
    SELECT table_name, constraint_name, ordinal_position, column_name, referenced_table_schema, referenced_table_name, referenced_column_name
    FROM information_schema.key_column_usage WHERE table_schema = %s AND referenced_table_name IS NOT NULL
"""
