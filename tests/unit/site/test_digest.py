"""What a row is hashed as, and how hashes become a table's digest."""

from __future__ import annotations

import random

from cutover_site.database.columns import Column
from cutover_site.database.digest import HASH_DIGITS, build_short_hash, combine_hashes

ID, NAME, LONG, MOMENT = (
    Column("id", "bigint", 1),
    Column("name", "varchar"),
    Column("content", "longtext"),
    Column("at", "datetime"),
)
ALL = {"id", "name", "content", "at"}


def test_xor_folds_any_number_of_hashes() -> None:
    source = random.Random(7)
    hashes = [source.getrandbits(4 * HASH_DIGITS) for _ in range(19)]
    for count in range(20):
        wanted = 0
        for one in hashes[:count]:
            wanted ^= one
        assert combine_hashes("".join(f"{one:0{HASH_DIGITS}x}" for one in hashes[:count])) == wanted


def test_zeros_in_front_are_digits_too() -> None:
    assert combine_hashes(f"{1:0{HASH_DIGITS}x}{1:0{HASH_DIGITS}x}{2:0{HASH_DIGITS}x}") == 2


def test_plain_values_are_read_once_and_others_by_their_canonical_text() -> None:
    assert "CONVERT" not in build_short_hash([ID, NAME], ALL)
    assert "`id` + 0" not in build_short_hash([ID, NAME], ALL)
    assert "CONVERT(`name` USING utf8mb4)" in build_short_hash([ID, NAME], {"id"})
    assert "`id` + 0" in build_short_hash([ID, NAME], {"name"})
    assert "CAST(`at` AS CHAR)" in build_short_hash([ID, MOMENT], ALL)


def test_a_large_text_counts_by_its_hash() -> None:
    assert "SHA2(`content`, 256)" in build_short_hash([ID, LONG], ALL)
    assert "SHA2(`name`, 256)" not in build_short_hash([ID, NAME], ALL)


def test_what_cannot_be_converted_makes_the_whole_hash_null() -> None:
    """CONCAT_WS leaves NULL out, CONCAT becomes NULL."""
    guarded = build_short_hash([ID, LONG], {"id"})
    assert guarded.startswith("LEFT(SHA2(CONCAT(CONCAT_WS(")
    assert guarded.endswith("LEFT(CAST(CONVERT(`content` USING utf8mb4) AS BINARY), 0))), 256), 32)")


def test_a_table_of_nothing_but_moments_can_be_hashed() -> None:
    assert "CONCAT_WS" not in build_short_hash([MOMENT], ALL)
