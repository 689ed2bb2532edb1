"""The SQL of table digests."""

from __future__ import annotations

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


def test_large_values_count_by_their_hash() -> None:
    assert build_value(TEXT) == "SHA2(CAST(CONVERT(`content` USING utf8mb4) AS BINARY), 256)"
    assert build_value(Column("f", "double")) == "HEX(ST_AsWKB(POINT(`f` + 0e0, 0)))"


def test_null_and_empty_are_different() -> None:
    assert "IF(`content` IS NULL, 'N', CONCAT('V', LENGTH(" in build_row_hash([TEXT])


def test_a_compound_key_is_compared_column_by_column() -> None:
    keys = select_key_columns([OID, TEXT, ID])
    assert keys == [ID, OID]
    assert build_key_condition(keys, inclusive_end=False) == "((`id` > %s) OR (`id` = %s AND `oid` > %s))"
    assert build_key_condition(keys, inclusive_end=True) == "((`id` < %s) OR (`id` = %s AND `oid` <= %s))"
    assert list_key_arguments((1, "a")) == (1, 1, "a")


def test_names_are_quoted() -> None:
    assert build_value(Column("we`ird", "int")) == "CAST(`we``ird` + 0 AS CHAR)"


def test_a_type_that_is_not_known_to_be_equal_on_both_servers_is_refused_by_name() -> None:
    with pytest.raises(NotChecked, match="shape is of type xmltype"):
        build_value(Column("shape", "xmltype"))
