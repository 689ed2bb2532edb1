"""The hash of a row, and the digest of a table from the hashes of its rows."""

from __future__ import annotations

import random
from dataclasses import replace

from cutover_site.database.columns import Column
from cutover_site.database.short_hash import HASH_DIGITS, build_short_hash, combine_hashes

ID, NAME, LONG, MOMENT = (
    Column("id", "bigint", 1),
    Column("name", "varchar"),
    Column("content", "longtext"),
    Column("at", "datetime"),
)
ALL = {"id", "name", "content", "at"}


def test_any_number_of_hashes_is_combined() -> None:
    source = random.Random(7)
    hashes = [source.getrandbits(4 * HASH_DIGITS) for _ in range(19)]
    for count in range(20):
        expected = 0
        for one in hashes[:count]:
            expected ^= one
        assert combine_hashes("".join(f"{one:0{HASH_DIGITS}x}" for one in hashes[:count]).encode()) == expected


def test_leading_zeros_of_a_hash_are_significant() -> None:
    assert combine_hashes(f"{1:0{HASH_DIGITS}x}{1:0{HASH_DIGITS}x}{2:0{HASH_DIGITS}x}".encode()) == 2


def test_only_values_without_a_plain_form_are_converted() -> None:
    assert "USING utf8mb4" not in build_short_hash([ID, NAME], ALL)
    assert "`id` + 0" not in build_short_hash([ID, NAME], ALL)
    assert "CONVERT(`name` USING utf8mb4)" in build_short_hash([ID, NAME], {"id"})
    assert "`id` + 0" in build_short_hash([ID, NAME], {"name"})
    assert "CAST(`at` AS CHAR)" in build_short_hash([ID, MOMENT], ALL)


def test_null_is_replaced_only_where_a_column_can_have_it() -> None:
    required = replace(ID, is_nullable=False)
    assert "IFNULL(`id`" in build_short_hash([ID, NAME], ALL)
    assert "IFNULL(`id`" not in build_short_hash([required, NAME], ALL)
    assert "IFNULL(`name`" in build_short_hash([required, NAME], ALL)


def test_a_large_text_is_compared_by_its_hash() -> None:
    assert "SHA2(`content`, 256)" in build_short_hash([ID, LONG], ALL)
    assert "SHA2(`name`, 256)" not in build_short_hash([ID, NAME], ALL)


def test_a_row_whose_conversion_fails_has_no_digits() -> None:
    """CONCAT_WS omits NULL; CONCAT returns NULL. Then the chunk has fewer hashes than rows."""
    guarded = build_short_hash([ID, LONG], {"id"})
    assert guarded.startswith("LEFT(IFNULL(SHA2(CONCAT(CONCAT_WS(")
    assert guarded.endswith(
        "LEFT(CAST(CONVERT(`content` USING utf8mb4) AS BINARY), 0))), 256), CAST('' AS BINARY)), 32)"
    )


def test_a_table_with_only_date_columns_can_be_hashed() -> None:
    assert "CONCAT_WS" not in build_short_hash([MOMENT], ALL)
