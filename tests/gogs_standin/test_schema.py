"""The tables equal the recorded ones. These tests need no database; served/test_contract.py tests the DDL with
MariaDB.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from gogs_standin.store.schema import Column, Table, build_blanks, load_tables

RECORDED = Path(__file__).parent / "contract/schema-0.14.3.tsv"
SHOWN = {"BIGINT": "bigint(20)", "INT": "int(11)", "BOOLEAN": "tinyint(1)"}


def _shown(table: Table) -> Iterator[tuple[str, ...]]:
    if table.key == ("id",):
        yield table.name, "id", "bigint(20)", "NO", "-"
    for column in table.columns:
        given = column.required or column.default is not None
        default = str(column.default) if column.default is not None else "-" if given else "NULL"
        yield table.name, column.name, SHOWN.get(column.type, column.type.lower()), "NO" if given else "YES", default


def test_the_tables_have_exactly_the_recorded_columns_in_order() -> None:
    with RECORDED.open() as file:
        recorded = [tuple(row[:5]) for row in csv.reader(file, delimiter="\t")][1:]
    assert [row for name in sorted(load_tables()) for row in _shown(load_tables()[name])] == recorded


def test_the_ddl_of_a_table_names_indexes_after_their_columns() -> None:
    table = Table("t", [Column("a", "INT"), Column("b", "TEXT", required=True), Column("c", "INT", default=3)])
    table.one, table.by = [("a", "c")], [("c",)]
    assert table.ddl.splitlines() == [
        "CREATE TABLE `t` (",
        "  `id` BIGINT NOT NULL AUTO_INCREMENT,",
        "  `a` INT NULL,",
        "  `b` TEXT NOT NULL,",
        "  `c` INT NOT NULL DEFAULT 3,",
        "  PRIMARY KEY (`id`),",
        "  UNIQUE INDEX `one_a_c` (`a`, `c`),",
        "  INDEX `by_c` (`c`)",
        ") CHARACTER SET utf8mb4",
    ]


def test_an_insert_omits_columns_with_a_default_of_the_database() -> None:
    assert build_blanks("public_key") == {
        "owner_id": 0, "name": "", "fingerprint": "", "content": "", "created_unix": 0, "updated_unix": 0,
    }  # fmt: skip
    assert "created_at" not in build_blanks("lfs_object")
