"""Compare two descriptions of a table. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from cutover_site.database.column_facts import ColumnFacts, Default
from cutover_site.database.description import TableFacts

_NOW = re.compile(r"current_timestamp(\(\d\))?")
"""the one expression whose text is the same on both products (see `description.parse_default`)"""


def expect_on_target(
    table: TableFacts, collations: Mapping[str, str], table_collation: str, *, json_is_text: bool
) -> TableFacts:
    """Return the facts that the source's table must have on the target.

    `json_is_text`: JSON is an alias of LONGTEXT on the target, as in MariaDB.
    """
    columns = {}
    for name, column in table.columns.items():
        if column.kind == "json" and json_is_text:
            columns[name] = replace(column, kind="longtext", type="longtext", collation="utf8mb4_bin")
        else:
            columns[name] = replace(column, collation=collations.get(name))
    return replace(table, columns=columns, collation=table_collation)


def find_differences(wanted: TableFacts, found: TableFacts, *, same_product: bool) -> list[str]:
    """Return a phrase for each difference. Two products show the same expression differently, so then only its presence is compared.

    MariaDB hides the rules of a foreign key (referential_constraints) from users with SELECT only. Rules that one side does not show are
    not compared. The foreign key itself is compared, and its DDL contains the rules.
    """
    hidden = {
        name
        for table in (wanted, found)
        for name, key in table.foreign_keys.items()
        if not (key.on_update and key.on_delete)
    }
    left, right = (dict(_describe_table(table, same_product, hidden)) for table in (wanted, found))
    return [
        f"{name} is {right.get(name, 'missing')}, not {left.get(name, 'missing')}"
        for name in sorted({*left, *right})
        if left.get(name) != right.get(name)
    ]


def _describe_table(table: TableFacts, same_product: bool, hidden: Collection[str]) -> Iterator[tuple[str, str]]:
    yield "its engine", table.engine.lower()
    yield "its collation", table.collation
    for name, column in table.columns.items():
        yield f"column {name}", _describe_column(column, same_product)
    for name, index in table.indexes.items():
        parts = ", ".join(part if length is None else f"{part}({length})" for part, length in index.columns)
        kind = index.kind if index.kind in ("FULLTEXT", "SPATIAL") else ""
        yield f"index {name}", " ".join(filter(None, ("unique" if index.unique else "", kind, f"({parts})")))
    for name, key in table.foreign_keys.items():
        rules = "" if name in hidden else f", on update {key.on_update}, on delete {key.on_delete}"
        yield (
            f"foreign key {name}",
            f"({', '.join(key.columns)}) to {key.table} ({', '.join(key.referenced_columns)}){rules}",
        )


def _describe_column(column: ColumnFacts, same_product: bool) -> str:
    words = [column.type, "NULL" if column.nullable else "NOT NULL"]
    if column.default is not None:
        words.append(f"DEFAULT {_describe_default(column.default, same_product)}")
    if column.collation:
        words.append(f"COLLATE {column.collation}")
    return " ".join([*words, *sorted(column.extra)])


def _describe_default(default: Default, same_product: bool) -> str:
    if not default.is_expression:
        return repr(default.value)
    return default.value if same_product or _NOW.fullmatch(default.value) else "an expression"
