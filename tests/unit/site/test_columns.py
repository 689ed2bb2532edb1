"""The SQL of table digests."""

from __future__ import annotations

import pytest
from cutover_site.database.columns import Column, after, arguments, key_columns, row_hash, value
from cutover_site.errors import NotChecked

ID, OID, TEXT = Column("id", "bigint", 1), Column("oid", "varchar", 2), Column("content", "longtext")


def test_large_values_count_by_their_hash() -> None:
    assert value(TEXT) == "SHA2(CAST(CONVERT(`content` USING utf8mb4) AS BINARY), 256)"
    assert value(Column("f", "double")) == "HEX(ST_AsWKB(POINT(`f` + 0e0, 0)))"


def test_null_and_empty_are_different() -> None:
    assert "IF(`content` IS NULL, 'N', CONCAT('V', LENGTH(" in row_hash([TEXT])


def test_a_compound_key_is_compared_column_by_column() -> None:
    keys = key_columns([OID, TEXT, ID])
    assert keys == [ID, OID]
    assert after(keys, inclusive_end=False) == "((`id` > %s) OR (`id` = %s AND `oid` > %s))"
    assert after(keys, inclusive_end=True) == "((`id` < %s) OR (`id` = %s AND `oid` <= %s))"
    assert arguments((1, "a")) == (1, 1, "a")


def test_names_are_quoted() -> None:
    assert value(Column("we`ird", "int")) == "CAST(`we``ird` + 0 AS CHAR)"


def test_a_type_that_is_not_known_to_be_equal_on_both_servers_is_refused_by_name() -> None:
    with pytest.raises(NotChecked, match="shape is of type xmltype"):
        value(Column("shape", "xmltype"))
