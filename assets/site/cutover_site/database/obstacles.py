"""Find what the target cannot store or will change, from the description of the source's tables. It runs before any table is created. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cutover_site.database.column_facts import ColumnFacts
from cutover_site.database.columns import GEOMETRY_TYPES
from cutover_site.database.description import TableFacts
from cutover_site.database.products import Product

MARIADB_TYPES = {"uuid", "inet4", "inet6", "xmltype"}
TYPES_WITHOUT_DEFAULT = {
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "json",
    *GEOMETRY_TYPES,
}
"""types for which MySQL refuses a literal default (error 1101)"""
MYSQL_ENGINES = {"INNODB", "MYISAM", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE", "MRG_MYISAM"}
VECTOR_SINCE = (9, 0, 0)
"""first version of MySQL with this type"""
SEQUENCE_FUNCTIONS = ("nextval", "nextvaluefor", "lastval", "previousvaluefor")
STORAGE_OPTIONS = ("page_compressed", "encrypted", "row_format=fixed", "row_format=page", "transactional")


@dataclass
class Findings:
    """Sentences for the operator."""

    refused: list[str] = field(default_factory=list)
    """each names the table, and the column where there is one"""
    warnings: list[str] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        """Append the findings of `other`."""
        self.refused += other.refused
        self.warnings += other.warnings


def find_obstacles(schema: str, tables: Mapping[str, TableFacts], source: Product, target: Product) -> Findings:
    """Return all findings for the tables of a schema."""
    found = Findings()
    for name, table in sorted(tables.items()):
        place = f"{schema}.{name}"
        if table.kind != "BASE TABLE":
            found.refused.append(_describe_other_kind(place, table.kind))
            continue
        found.refused += _find_foreign_schemas(schema, place, table)
        if target.mysql and not source.mysql:
            found.refused += _find_refused_by_mysql(place, table, target)
            found.warnings += _find_changed_by_mysql(place, table)
        if target.mysql:
            found.warnings += _find_zero_dates(place, table)
    return found


def _describe_other_kind(place: str, kind: str) -> str:
    if kind == "SYSTEM VERSIONED":
        return f"table {place} is system-versioned, which replication does not carry: ALTER TABLE {place} DROP SYSTEM VERSIONING"
    return f"{place} is a {kind.lower()}, which the target does not have and replication does not carry: drop it, or make it a table"


def _find_foreign_schemas(schema: str, place: str, table: TableFacts) -> Iterator[str]:
    for name, key in table.foreign_keys.items():
        if key.schema != schema:
            yield f"foreign key {name} of table {place} leads to schema {key.schema}, which is not migrated: drop it"


def _find_refused_by_mysql(place: str, table: TableFacts, target: Product) -> Iterator[str]:
    if table.engine.upper() not in MYSQL_ENGINES:
        yield f"table {place} is of engine {table.engine}, which MySQL does not have: ALTER TABLE {place} ENGINE=InnoDB"
    for name, column in table.columns.items():
        if reason := _explain_refused_column(column, target):
            yield f"column {name} of table {place} {reason}"
    for name, index in table.indexes.items():
        if any(table.columns[part].kind in TYPES_WITHOUT_DEFAULT and length is None for part, length in index.columns
               if part in table.columns) and index.kind not in ("FULLTEXT", "SPATIAL"):  # fmt: skip
            yield f"index {name} of table {place} is over a whole TEXT or BLOB, which MySQL refuses (error 1170): give it a length"


def _explain_refused_column(column: ColumnFacts, target: Product) -> str:
    if column.kind in MARIADB_TYPES or (column.kind == "vector" and target.version < VECTOR_SINCE):
        return f"is of type {column.type}, which {target.name} does not have: change its type"
    if "without system versioning" in column.extra:
        return "belongs to system versioning, which MySQL does not have"
    if column.default is None:
        return ""
    if column.default.is_expression:
        if column.default.value.startswith(SEQUENCE_FUNCTIONS):
            return "takes its default from a sequence, which MySQL does not have: drop that default"
        return ""
    if column.kind in TYPES_WITHOUT_DEFAULT:
        return f"is {column.kind} with a default, which MySQL refuses (error 1101): ALTER TABLE … ALTER COLUMN … DROP DEFAULT"
    return ""


def _find_changed_by_mysql(place: str, table: TableFacts) -> Iterator[str]:
    if table.engine.upper() in MYSQL_ENGINES - {"INNODB"}:
        yield f"table {place} is of engine {table.engine}: RDS restores only InnoDB to a point in time"
    if options := [option for option in STORAGE_OPTIONS if option in table.options]:
        yield f"table {place} has {', '.join(options)}, which changes how it is stored and which MySQL does not have: left out"


def _find_zero_dates(place: str, table: TableFacts) -> Iterator[str]:
    for name, column in table.columns.items():
        if column.default and not column.default.is_expression and column.default.value.startswith("0000-00-00"):
            yield f"column {name} of table {place} has the default {column.default.value}, which a strict sql_mode refuses"
