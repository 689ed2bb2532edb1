"""Build the SQL for a short hash of each row, and combine the hashes of many rows.

Integers and texts, the usual columns, are hashed as they are, which is faster than `columns.build_row_hash`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cutover_site.database.columns import Column, build_row_hash
from cutover_site.database.connections import quote_identifier

HASH_DIGITS = 32
"""hexadecimal digits of each row's hash that are returned: 128 bits"""
SEPARATOR, NULL, HASHED = ("CAST(x'FF' AS BINARY)", "CAST(x'FE' AS BINARY)", "CAST(x'FD' AS BINARY)")
"""Bytes that never occur in UTF-8: between two values, for NULL, before the hash of a large value. Without CAST a literal would count as text."""
PLAIN_SEPARATOR = "x'FF'"
"""the same byte where another argument of the same function has a CAST: then all are bytes, and the server does not convert this one for each row"""
INTEGER_TYPES = {"tinyint", "smallint", "mediumint", "int", "bigint"}
SHORT_TEXT_TYPES = {"char", "varchar", "tinytext", "text"}
"""with values of at most 64 KB"""
LONG_TEXT_TYPES = {"mediumtext", "longtext", "json"}
"""json is a type of MySQL; in MariaDB it is longtext"""
NO_BYTES = "CAST('' AS BINARY)"
"""makes bytes of a text beside it in IFNULL, without a copy"""
MAX_PLAIN_BYTES = 65_535
"""a longer value counts by its hash, because a whole row must fit into the server's max_allowed_packet"""


def build_short_hash(columns: Iterable[Column], plain: Collection[str]) -> str:
    """Return SQL for HASH_DIGITS digits that depend on the row's values only; for no digits when a value is too large to be read.

    Integers and texts are joined as they are, all other values count by `columns.build_row_hash`. The choice depends on the type only,
    because a column may have another character set on the other server. `plain`: see `list_plain_columns`.
    The digits become bytes before they are shortened: in a text of utf8mb4 the server would search for the 32nd character.
    """
    joined, others, guards = [], [], []
    for column in columns:
        text = quote_identifier(column.name)
        if column.kind in INTEGER_TYPES:
            joined.append(_replace_null(column, text if column.name in plain else f"{text} + 0"))
        elif column.kind in SHORT_TEXT_TYPES | LONG_TEXT_TYPES:
            if column.name not in plain:
                # The conversion returns NULL when its result is too large. That must not count as the value NULL.
                converted = f"CAST(CONVERT({text} USING utf8mb4) AS BINARY)"
                guards.append(f"IF({text} IS NULL, '', LEFT({converted}, 0))")
                text = converted
            whole = _replace_null(column, text)
            large = f"IF(LENGTH({text}) > {MAX_PLAIN_BYTES}, CONCAT({HASHED}, SHA2({text}, 256)), {whole})"
            joined.append(large if column.kind in LONG_TEXT_TYPES else whole)
        else:
            others.append(column)
    if others:
        guards.append(build_row_hash(others))
    separator = PLAIN_SEPARATOR if any(part.startswith(("IFNULL(", "CAST(")) for part in joined) else SEPARATOR
    row = ", ".join([*([f"CONCAT_WS({', '.join([separator, *joined])})"] if joined else []), *guards])
    return f"LEFT(IFNULL(SHA2({f'CONCAT({row})' if guards else row}, 256), {NO_BYTES}), {HASH_DIGITS})"


def _replace_null(column: Column, value: str) -> str:
    """Return SQL for the value, NULL replaced. The value of a column that has no NULL is the same without, and costs less."""
    return f"IFNULL({value}, {NULL})" if column.is_nullable else value


def combine_hashes(hashes: bytes) -> int:
    """Return the XOR of all hashes in this string. Folds the string in halves, because Python combines long numbers as fast as short ones."""
    number, count = int(hashes or b"0", 16), len(hashes) // HASH_DIGITS
    while count > 1:
        count = (count + 1) // 2
        number = (number >> count * HASH_DIGITS * 4) ^ (number & ((1 << count * HASH_DIGITS * 4) - 1))
    return number
