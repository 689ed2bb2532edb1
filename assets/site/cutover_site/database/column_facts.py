"""Describe columns in one form for MySQL and MariaDB: their types, defaults and properties."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from cutover_site.database.collations import normalize

INTEGER = re.compile(r"^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)")
COMMENT = re.compile(r"\s*/\*.*?\*/")
NUMBER = re.compile(r"^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$", re.IGNORECASE)
BITS = re.compile(r"^[bx]'[0-9a-f]*'$", re.IGNORECASE)
NOW = re.compile(r"^(?:current_timestamp|now)(?:\((\d*)\))?$", re.IGNORECASE)
HEXADECIMAL = re.compile(r"(?:0x|x')((?:[0-9a-f]{2})*)'?", re.IGNORECASE)
NUMERIC_TYPES = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year"}
TIME_TYPES = {"timestamp", "datetime"}
BINARY_TYPES = {"binary", "varbinary"}
ESCAPED = {"0": "\0", "n": "\n", "r": "\r"}
"""characters that MariaDB shows with a backslash in a default; it shows a backslash in this way too"""


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
        extra=_parse_extra(extra),
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
        return Default(_format_binary(bytes.fromhex(hexadecimal[1]) if hexadecimal else text.encode()))
    if is_text:
        return Default(_normalize_number(kind, text))
    if quoting and not NUMBER.match(text) and not BITS.match(text):
        return Default(_normalize_expression(text), True)
    if not quoting and "default_generated" in extra.lower():
        return Default(_normalize_expression(text), True)
    return Default(_normalize_number(kind, text))


def _normalize_number(kind: str, text: str) -> str:
    if kind not in NUMERIC_TYPES:
        return text.lower() if BITS.match(text) else text
    try:
        return str(Decimal(text).normalize() + 0)
    except InvalidOperation:
        return text


def _format_binary(value: bytes) -> str:
    """Return the bytes before the first zero byte, in hexadecimal: MySQL's information_schema shows no more of a default."""
    return "0x" + value.partition(b"\0")[0].hex()


def _normalize_expression(text: str) -> str:
    return re.sub(r"[\s()`]", "", text).lower()


def _parse_extra(text: str) -> frozenset[str]:
    words = text.lower().replace("()", "").replace("persistent", "stored generated")
    known = ("auto_increment", "virtual generated", "stored generated", "invisible", "without system versioning")
    found = {word for word in known if word in words}
    if update := re.search(r"on update current_timestamp(\(\d+\))?", words):
        found.add(update[0])
    return frozenset(found)
