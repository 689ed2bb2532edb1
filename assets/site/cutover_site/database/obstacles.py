"""What of a source's tables the target cannot hold, found from their description before anything is made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cutover_site.database.columns import GEOMETRY
from cutover_site.database.description import ColumnFacts, TableFacts
from cutover_site.database.products import Product

TYPES_OF_MARIADB = {"uuid", "inet4", "inet6", "xmltype"}
WITHOUT_DEFAULT = {
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "json",
    *GEOMETRY,
}
"""MySQL refuses a literal default of these (error 1101)"""
ENGINES = {"INNODB", "MYISAM", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE", "MRG_MYISAM"}
VECTORS = (9, 0, 0)
"""first version of MySQL with this type"""
SEQUENCE_FUNCTIONS = ("nextval", "nextvaluefor", "lastval", "previousvaluefor")
STORAGE_OPTIONS = ("page_compressed", "encrypted", "row_format=fixed", "row_format=page", "transactional")


@dataclass
class Findings:
    refused: list[str] = field(default_factory=list)
    """each a sentence that names the table, and the column where there is one"""
    warnings: list[str] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        self.refused += other.refused
        self.warnings += other.warnings


def find_obstacles(schema: str, tables: Mapping[str, TableFacts], source: Product, target: Product) -> Findings:
    """Return all of them at once."""
    found = Findings()
    for name, table in sorted(tables.items()):
        place = f"{schema}.{name}"
        if table.kind != "BASE TABLE":
            found.refused.append(_not_a_base_table(place, table.kind))
            continue
        found.refused += _foreign_schemas(schema, place, table)
        if target.mysql and not source.mysql:
            found.refused += _refused_by_mysql(place, table, target)
            found.warnings += _changed_by_mysql(place, table)
        if target.mysql:
            found.warnings += _zero_dates(place, table)
    return found


def _not_a_base_table(place: str, kind: str) -> str:
    if kind == "SYSTEM VERSIONED":
        return f"table {place} is system-versioned, which replication does not carry: ALTER TABLE {place} DROP SYSTEM VERSIONING"
    return f"{place} is a {kind.lower()}, which the target does not have and replication does not carry: drop it, or make it a table"


def _foreign_schemas(schema: str, place: str, table: TableFacts) -> Iterator[str]:
    for name, key in table.foreign_keys.items():
        if key.schema != schema:
            yield f"foreign key {name} of table {place} leads to schema {key.schema}, which is not migrated: drop it"


def _refused_by_mysql(place: str, table: TableFacts, target: Product) -> Iterator[str]:
    if table.engine.upper() not in ENGINES:
        yield f"table {place} is of engine {table.engine}, which MySQL does not have: ALTER TABLE {place} ENGINE=InnoDB"
    for name, column in table.columns.items():
        if reason := _refused_column(column, target):
            yield f"column {name} of table {place} {reason}"
    for name, index in table.indexes.items():
        if any(table.columns[part].kind in WITHOUT_DEFAULT and length is None for part, length in index.columns
               if part in table.columns) and index.kind not in ("FULLTEXT", "SPATIAL"):  # fmt: skip
            yield f"index {name} of table {place} is over a whole TEXT or BLOB, which MySQL refuses (error 1170): give it a length"


def _refused_column(column: ColumnFacts, target: Product) -> str:
    if column.kind in TYPES_OF_MARIADB or (column.kind == "vector" and target.version < VECTORS):
        return f"is of type {column.type}, which {target.name} does not have: change its type"
    if "without system versioning" in column.extra:
        return "belongs to system versioning, which MySQL does not have"
    if column.default is None:
        return ""
    if column.default.is_expression:
        if column.default.value.startswith(SEQUENCE_FUNCTIONS):
            return "takes its default from a sequence, which MySQL does not have: drop that default"
        return ""
    if column.kind in WITHOUT_DEFAULT:
        return f"is {column.kind} with a default, which MySQL refuses (error 1101): ALTER TABLE … ALTER COLUMN … DROP DEFAULT"
    return ""


def _changed_by_mysql(place: str, table: TableFacts) -> Iterator[str]:
    if table.engine.upper() in ENGINES - {"INNODB"}:
        yield f"table {place} is of engine {table.engine}: RDS restores only InnoDB to a point in time"
    if options := [option for option in STORAGE_OPTIONS if option in table.options]:
        yield f"table {place} has {', '.join(options)}, which changes how it is stored and which MySQL does not have: left out"


def _zero_dates(place: str, table: TableFacts) -> Iterator[str]:
    for name, column in table.columns.items():
        if column.default and not column.default.is_expression and column.default.value.startswith("0000-00-00"):
            yield f"column {name} of table {place} has the default {column.default.value}, which a strict sql_mode refuses"
