"""The SQL of table digests."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from cutover_site.database.columns import (
    Column,
    build_key_condition,
    build_row_hash,
    build_value,
    list_key_arguments,
    select_key_columns,
)
from cutover_site.errors import NotChecked

ID, OID, TEXT = Column("id", "bigint", 1), Column("oid", "varchar", 2), Column("content", "longtext")


def test_a_large_value_is_compared_by_its_hash() -> None:
    assert build_value(TEXT) == "SHA2(CAST(CONVERT(`content` USING utf8mb4) AS BINARY), 256)"
    assert build_value(Column("f", "double")) == "HEX(ST_AsWKB(POINT(`f` + 0e0, 0)))"


def test_null_and_an_empty_value_have_different_hashes() -> None:
    assert "IF(`content` IS NULL, 'N', CONCAT('V', LENGTH(" in build_row_hash([TEXT])


def test_a_condition_on_a_compound_key_divides_the_rows_at_any_row() -> None:
    """The order is that of the key's columns. The test uses SQLite, because the condition is standard SQL."""
    keys = select_key_columns([OID, TEXT, ID])
    assert keys == [ID, OID]
    rows = [(number, letter) for number in (1, 2, 3) for letter in "abc"]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (id INTEGER, oid TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", reversed(rows))
        for at, row in enumerate(rows):
            found = [
                connection.execute(
                    f"SELECT id, oid FROM t WHERE {condition} ORDER BY id, oid", list_key_arguments(row)
                ).fetchall()
                for condition in (
                    build_key_condition(keys, inclusive_end=end).replace("%s", "?") for end in (True, False)
                )
            ]
            assert found == [rows[: at + 1], rows[at + 1 :]]


def test_a_column_name_with_a_quote_is_escaped() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (`we``ird` INTEGER)")
        connection.execute("INSERT INTO t VALUES (7)")
        assert connection.execute(f"SELECT {build_value(Column('we`ird', 'int'))} FROM t").fetchone() == ("7",)


def test_an_unknown_column_type_is_rejected_by_name() -> None:
    with pytest.raises(NotChecked, match="shape is of type xmltype"):
        build_value(Column("shape", "xmltype"))
