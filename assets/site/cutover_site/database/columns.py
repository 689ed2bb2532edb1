"""The SQL that hashes a row, so that both servers compute the same hash for the same row. Pure.

Each value becomes `V<length>:<bytes>` or `N` (SQL NULL), so two different rows never become the same text. Large values count by their SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass

from cutover_site.database.connections import quote_identifier
from cutover_site.errors import NotChecked

GEOMETRY_TYPES = {
    "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection",
}  # fmt: skip
"""MySQL calls the collection geomcollection, MariaDB geometrycollection. Both store four bytes of SRID, then the value as WKB."""
HASHED_TYPES = {
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "json",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "vector",
    *GEOMETRY_TYPES,
}
TEXT_TYPES = {"char", "varchar", "enum", "set", "tinytext", "text", "mediumtext", "longtext", "json"}
BINARY_TYPES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector", *GEOMETRY_TYPES}
NUMBER_TYPES = {"tinyint", "smallint", "mediumint", "int", "bigint", "bit", "year"}
FLOAT_TYPES = {"float", "double"}
ORDERED_BY_NUMBER = {"bit": "0", "enum": "0", "set": "0", "float": "0e0"}
"""Types of a key whose value, when it is sent back, is not compared as it was ordered: BIT is returned as bytes, ENUM and SET as text, FLOAT with six
digits. The number is what the server orders by. Added to zero no index finds it, which only makes such a table slower to compare."""
PRINTED_TYPES = {"decimal", "date", "datetime", "timestamp", "time", "uuid", "inet4", "inet6"}
"""both servers print values of these types in the same way"""


@dataclass(frozen=True)
class Column:
    """The facts about a column that the comparison needs."""

    name: str
    kind: str
    """information_schema.columns.data_type"""
    key: int = 0
    """position in the primary key, from 1; 0 when the column is not part of it"""
    by_code_point: bool = False
    """order this text of the key by code points, because the other server has another collation for the column"""
    is_nullable: bool = True

    @property
    def order_sql(self) -> str:
        """Return SQL by which rows are ordered and identified."""
        name = quote_identifier(self.name)
        if self.by_code_point:
            return f"CONVERT({name} USING utf8mb4) COLLATE utf8mb4_bin"
        return f"{name} + {ORDERED_BY_NUMBER[self.kind]}" if self.kind in ORDERED_BY_NUMBER else name


def build_value(column: Column) -> str:
    """Return SQL for bytes that depend on the value only: not on collation, display width, zero fill or locale.

    MySQL and MariaDB print about 2 % of all doubles differently, and a FLOAT with six digits only. The binary form of a point with that
    coordinate has the exact IEEE 754 number on both. `+ 0e0` converts a FLOAT to a double, and -0 to 0.
    HEX, because MySQL would read bytes beside text as UTF-8 (error 3854). Raises NotChecked for a type that is not known to be equal on both servers.
    """
    name = quote_identifier(column.name)
    if column.kind in TEXT_TYPES:
        plain = f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)"
    elif column.kind in BINARY_TYPES:
        plain = name if column.kind in HASHED_TYPES else f"HEX({name})"
    elif column.kind in NUMBER_TYPES:
        plain = f"CAST({name} + 0 AS CHAR)"
    elif column.kind in FLOAT_TYPES:
        plain = f"HEX(ST_AsWKB(POINT({name} + 0e0, 0)))"
    elif column.kind in PRINTED_TYPES:
        plain = f"CAST({name} AS CHAR)"
    else:
        raise NotChecked(f"column {column.name} is of type {column.kind}, which cannot be compared")
    return f"SHA2({plain}, 256)" if column.kind in HASHED_TYPES else plain


def build_row_hash(columns: list[Column]) -> str:
    """Return SQL for the SHA-256 of these columns of a row."""
    parts = [
        f"IF({quote_identifier(c.name)} IS NULL, 'N', CONCAT('V', LENGTH({build_value(c)}), ':', {build_value(c)}))"
        for c in columns
    ]
    return f"SHA2(CONCAT({', '.join(parts)}), 256)"


def select_key_columns(columns: list[Column]) -> list[Column]:
    """Return the columns of the primary key, in its order."""
    return sorted((column for column in columns if column.key), key=lambda column: column.key)


def build_key_condition(keys: list[Column], *, inclusive_end: bool) -> str:
    """Return SQL for `key > (%s, …)` or `key <= (%s, …)`, in a form for which the server uses the primary key. See `list_key_arguments`."""
    clauses: list[str] = []
    for number, column in enumerate(keys):
        last = number == len(keys) - 1
        operator = ("<=" if last else "<") if inclusive_end else ">"
        equal = [f"{before.order_sql} = %s" for before in keys[:number]]
        clauses.append("(" + " AND ".join([*equal, f"{column.order_sql} {operator} %s"]) + ")")
    return "(" + " OR ".join(clauses) + ")"


def list_key_arguments(bound: tuple[object, ...]) -> tuple[object, ...]:
    """Return the arguments of `build_key_condition` for one boundary."""
    return tuple(part for number in range(len(bound)) for part in bound[: number + 1])
