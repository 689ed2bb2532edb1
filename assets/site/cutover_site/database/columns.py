"""The SQL that turns a row into a number, so that both servers compute the same for the same row. Pure.

Each value becomes `V<length>:<bytes>` or `N` (SQL NULL), so no two different rows read the same; large values count by their SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass

from cutover_site.database.connections import quoted
from cutover_site.errors import NotChecked

GEOMETRY = {
    "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection",
}  # fmt: skip
"""MySQL calls the collection geomcollection, MariaDB geometrycollection. Both store four bytes of SRID, then the value as WKB."""
LARGE = {
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
    *GEOMETRY,
}
TEXTS = {"char", "varchar", "enum", "set", "tinytext", "text", "mediumtext", "longtext", "json"}
BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector", *GEOMETRY}
NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "bit", "year"}
FLOATS = {"float", "double"}
PRINTED = {"decimal", "date", "datetime", "timestamp", "time", "uuid", "inet4", "inet6"}
"""Both servers print these alike."""


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    """information_schema.columns.data_type"""
    key: int = 0
    """position in the primary key, from 1; 0 when it is not part of it"""
    by_code_point: bool = False
    """a text of the key is to be ordered by code points, because the column's own collation is another one on the other server"""

    @property
    def ordered(self) -> str:
        """SQL by which rows are ordered and told apart."""
        name = quoted(self.name)
        return f"CONVERT({name} USING utf8mb4) COLLATE utf8mb4_bin" if self.by_code_point else name


def value(column: Column) -> str:
    """Return SQL for bytes that depend on the value alone: no collation, display width, zero fill or locale.

    MySQL and MariaDB print some 2 % of all doubles differently, and a FLOAT with six digits only. The binary form of a point with that
    coordinate holds the exact IEEE 754 number on both. `+ 0e0` makes a double of a FLOAT, and 0 of -0.
    HEX: MySQL would read bytes beside text as UTF-8 (error 3854). Raises NotChecked for a type that is not known to be equal on both servers.
    """
    name = quoted(column.name)
    if column.kind in TEXTS:
        plain = f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)"
    elif column.kind in BINARY:
        plain = name if column.kind in LARGE else f"HEX({name})"
    elif column.kind in NUMBERS:
        plain = f"CAST({name} + 0 AS CHAR)"
    elif column.kind in FLOATS:
        plain = f"HEX(ST_AsWKB(POINT({name} + 0e0, 0)))"
    elif column.kind in PRINTED:
        plain = f"CAST({name} AS CHAR)"
    else:
        raise NotChecked(f"column {column.name} is of type {column.kind}, which cannot be compared")
    return f"SHA2({plain}, 256)" if column.kind in LARGE else plain


def row_hash(columns: list[Column]) -> str:
    parts = [f"IF({quoted(c.name)} IS NULL, 'N', CONCAT('V', LENGTH({value(c)}), ':', {value(c)}))" for c in columns]
    return f"SHA2(CONCAT({', '.join(parts)}), 256)"


def key_columns(columns: list[Column]) -> list[Column]:
    return sorted((column for column in columns if column.key), key=lambda column: column.key)


def after(keys: list[Column], *, inclusive_end: bool) -> str:
    """`key > (%s, …)` or `key <= (%s, …)`, written out so that the primary key serves it. See `arguments`."""
    clauses: list[str] = []
    for number, column in enumerate(keys):
        last = number == len(keys) - 1
        operator = ("<=" if last else "<") if inclusive_end else ">"
        equal = [f"{before.ordered} = %s" for before in keys[:number]]
        clauses.append("(" + " AND ".join([*equal, f"{column.ordered} {operator} %s"]) + ")")
    return "(" + " OR ".join(clauses) + ")"


def arguments(bound: tuple[object, ...]) -> tuple[object, ...]:
    """The arguments of `after` for one boundary."""
    return tuple(part for number in range(len(bound)) for part in bound[: number + 1])
