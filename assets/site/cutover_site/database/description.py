"""Describes tables by information_schema, in one form for MySQL and MariaDB, so that the tables of two servers can be compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from cutover_site.database.collations import normalize
from cutover_site.database.connections import Connection, fetch_rows, fetch_rows_as_bytes, quote_identifier
from cutover_site.database.products import Product, read_product
from cutover_site.errors import SiteError

INTEGER = re.compile(r"^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)")
COMMENT = re.compile(r"\s*/\*.*?\*/")
NUMBER = re.compile(r"^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$", re.IGNORECASE)
BITS = re.compile(r"^[bx]'[0-9a-f]*'$", re.IGNORECASE)
NOW = re.compile(r"^(?:current_timestamp|now)(?:\((\d*)\))?$", re.IGNORECASE)
NUMERIC_TYPES = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year"}
TIME_TYPES = {"timestamp", "datetime"}
BINARY_TYPES = {"binary", "varbinary"}
HEXADECIMAL = re.compile(r"(?:0x|x')((?:[0-9a-f]{2})*)'?", re.IGNORECASE)
ESCAPED = {"0": "\0", "n": "\n", "r": "\r"}
"""what MariaDB shows with a backslash in a default, besides the backslash itself"""
QUOTED_DEFAULTS_SINCE = (10, 2, 7)
"""first MariaDB that shows a default as an expression: text in quotes, NULL as a word"""
INDEXES_WITHOUT_PREFIX = {"SPATIAL"}
"""index types whose sub_part has no meaning"""
RULE = "(CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT)"
SAME_RULE = {"NO ACTION": "RESTRICT"}


class UnreadableTable(SiteError):
    """The server describes a table in bytes that are no text."""


@dataclass(frozen=True)
class Default:
    """A column's default: a value, or an expression in a normal form."""

    value: str
    is_expression: bool = False


@dataclass(frozen=True)
class ColumnFacts:
    """What is compared of a column."""

    kind: str
    """data_type"""
    type: str
    nullable: bool
    default: Default | None
    collation: str | None
    extra: frozenset[str]


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
    quoting = _shows_quoted_defaults(read_product(connection))
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


def parse_column(
    kind: str, text: str, nullable: str, default: str | None, collation: str | None, extra: str, *, quoting: bool
) -> ColumnFacts:
    """Return a column from its row in information_schema.columns. `quoting`: see `parse_default`."""
    kind = "geometrycollection" if kind.lower() == "geomcollection" else kind.lower()
    return ColumnFacts(
        kind=kind,
        type=normalize_type(text),
        nullable=nullable == "YES",
        default=parse_default(default, kind=kind, extra=extra, quoting=quoting),
        collation=normalize(str(collation)) if collation else None,
        extra=_extra(extra),
    )


def normalize_type(text: str) -> str:
    """Return the type without the display width of integers, which MySQL since 8.0.19 does not show."""
    text = COMMENT.sub("", text).strip()
    if "zerofill" not in text:
        text = INTEGER.sub(r"\1", text)
    return "geometrycollection" if text == "geomcollection" else text


def parse_default(text: str | None, *, kind: str, extra: str, quoting: bool) -> Default | None:
    """Return the default by its value: `0` and `'0'` are equal for a number. `quoting`: the server shows text in quotes."""
    if text is None or (quoting and text.upper() == "NULL"):
        return None
    if kind in TIME_TYPES and (now := NOW.match(text)):
        digits = f"({now[1]})" if now[1] not in (None, "", "0") else ""
        return Default(f"current_timestamp{digits}", True)
    is_text = quoting and len(text) >= 2 and text[0] == text[-1] == "'"
    if is_text:
        text = re.sub(r"''|\\(.)", lambda found: ESCAPED.get(found[1], found[1]) if found[1] else "'", text[1:-1])
    hexadecimal = None if is_text else HEXADECIMAL.fullmatch(text)
    if kind in BINARY_TYPES and (is_text or hexadecimal or not text):
        return Default(_binary(bytes.fromhex(hexadecimal[1]) if hexadecimal else text.encode()))
    if is_text:
        return Default(_number(kind, text))
    if quoting and not NUMBER.match(text) and not BITS.match(text):
        return Default(_expression(text), True)
    if not quoting and "default_generated" in extra.lower():
        return Default(_expression(text), True)
    return Default(_number(kind, text))


def _number(kind: str, text: str) -> str:
    if kind not in NUMERIC_TYPES:
        return text.lower() if BITS.match(text) else text
    try:
        return str(Decimal(text).normalize() + 0)
    except InvalidOperation:
        return text


def _binary(value: bytes) -> str:
    """Return the bytes before the first zero byte, in hexadecimal: MySQL's information_schema shows no more of a default."""
    return "0x" + value.partition(b"\0")[0].hex()


def _expression(text: str) -> str:
    return re.sub(r"[\s()`]", "", text).lower()


def _extra(text: str) -> frozenset[str]:
    words = text.lower().replace("()", "").replace("persistent", "stored generated")
    known = ("auto_increment", "virtual generated", "stored generated", "invisible", "without system versioning")
    found = {word for word in known if word in words}
    if update := re.search(r"on update current_timestamp(\(\d+\))?", words):
        found.add(update[0])
    return frozenset(found)


def _shows_quoted_defaults(server: Product) -> bool:
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
            rules[table, name] = _parse_rules(read_create_statement(connection, schema, table), name)
        update, delete = (SAME_RULE.get(str(rule), str(rule)) for rule in rules[table, name])
        found[table].foreign_keys[name] = ForeignKey(
            tuple(str(part[1]) for part in listed),
            str(listed[0][2]),
            str(listed[0][3]),
            tuple(str(part[4]) for part in listed),
            update,
            delete,
        )


def read_create_statement(connection: Connection, schema: str, table: str) -> str:
    """Return the DDL of a table, by SHOW CREATE TABLE. Raises UnreadableTable."""
    text: bytes = fetch_rows_as_bytes(
        connection, f"SHOW CREATE TABLE {quote_identifier(schema)}.{quote_identifier(table)}"
    )[0][1]
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise UnreadableTable(
            f"a column of table {schema}.{table} has a default of bytes that are no text, which this server's SHOW CREATE TABLE does not "
            "escape: ALTER TABLE … ALTER COLUMN … DROP DEFAULT",
            next_action="change it on the source, then deploy again; nothing was made on the target",
        ) from error


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


def _parse_rules(text: str, constraint: str) -> tuple[str, str]:
    """Return the rules for update and delete, from the line of DDL that defines the foreign key."""
    begin = f"CONSTRAINT {quote_identifier(constraint)} FOREIGN KEY "
    line = next((line.strip() for line in text.splitlines() if line.strip().startswith(begin)), "")
    update, delete = (re.search(rf" ON {what} {RULE}", line) for what in ("UPDATE", "DELETE"))
    return update[1] if update else "RESTRICT", delete[1] if delete else "RESTRICT"


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
