"""The translation of the DDL of one product to the other, and the equality of two descriptions of a table."""

from __future__ import annotations

import pytest
from cutover_site.database.collations import find_nearest
from cutover_site.database.column_facts import Default, normalize_type, parse_column, parse_default
from cutover_site.database.ddl import translate
from cutover_site.database.description import TableFacts
from cutover_site.database.obstacles import find_obstacles
from cutover_site.database.products import Product, parse_product

MARIADB, MYSQL = Product(False, (11, 8, 9)), Product(True, (8, 4, 3))
STATEMENT = """CREATE TABLE `t` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `na``me` varchar(9) COLLATE utf8mb4_uca1400_ai_ci NOT NULL DEFAULT 'a, (COLLATE x' COMMENT 'it''s `(`',
  `e` enum('a,b)','c') CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT uuid(),
  `c` text /*M!100301 COMPRESSED*/ DEFAULT NULL,
  `j` varchar(9) GENERATED ALWAYS AS (concat(`e`,_utf8mb4'x' collate utf8mb4_bin)) VIRTUAL,
  PRIMARY KEY (`id`),
  KEY `k` (`e`(3)) IGNORED
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci `PAGE_COMPRESSED`=1 COMMENT='AUTO_INCREMENT=5'
 PARTITION BY HASH (`id`)
PARTITIONS 4"""
COLLATIONS = {"na`me": "utf8mb4_0900_ai_ci", "e": "latin1_swedish_ci", "c": "utf8mb4_bin"}


def test_columns_and_tables_name_their_character_set_and_quoted_text_is_kept() -> None:
    made = translate(STATEMENT, COLLATIONS, "utf8mb4_0900_ai_ci", MARIADB, MYSQL)

    assert "`na``me` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci" in made
    assert "DEFAULT 'a, (COLLATE x' COMMENT 'it''s `(`'" in made
    assert "`e` enum('a,b)','c') CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT (uuid())" in " ".join(
        made.split()
    )
    assert "concat(`e`,_utf8mb4'x' collate utf8mb4_bin)" in made
    assert "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci" in made
    assert "COMMENT='AUTO_INCREMENT=5'" in made
    assert made.rstrip().endswith("PARTITIONS 4")


def test_features_of_mariadb_are_omitted_for_mysql_and_kept_for_mariadb() -> None:
    made = translate(STATEMENT, COLLATIONS, "utf8mb4_0900_ai_ci", MARIADB, MYSQL)
    assert not [word for word in ("uca1400", "COMPRESSED", "AUTO_INCREMENT=7", "IGNORED") if word in made]
    assert "INVISIBLE" in made

    kept = translate(STATEMENT, COLLATIONS, "utf8mb4_uca1400_ai_ci", MARIADB, MARIADB)
    assert "text /*M!100301 COMPRESSED*/ CHARACTER SET" in kept
    assert "`PAGE_COMPRESSED`=1" in kept
    assert "IGNORED" in kept


@pytest.mark.parametrize(
    ("mariadb", "mysql", "kind", "value"),
    [
        ("0", "0", "tinyint", Default("0")),
        ("'0'", "0", "int", Default("0")),
        ("1.50", "1.5", "decimal", Default("1.5")),
        ("'it''s \\\\'", "it's \\", "varchar", Default("it's \\")),
        ("'a\\nb'", "a\nb", "varchar", Default("a\nb")),
        ("'ab\\0\\0'", "0x6162", "binary", Default("0x6162")),
        ("x'61620000'", "0x6162", "binary", Default("0x6162")),
        ("''", "", "varbinary", Default("0x")),
        ("x'00ff0000'", "0x", "binary", Default("0x")),
        ("'0x41'", "0x30783431", "varbinary", Default("0x30783431")),
        ("'NULL'", "NULL", "varchar", Default("NULL")),
        ("NULL", None, "varchar", None),
        ("b'101'", "b'101'", "bit", Default("b'101'")),
        ("current_timestamp()", "CURRENT_TIMESTAMP", "timestamp", Default("current_timestamp", True)),
        ("current_timestamp(3)", "CURRENT_TIMESTAMP(3)", "datetime", Default("current_timestamp(3)", True)),
        ("'now'", "now", "varchar", Default("now")),
    ],
)
def test_a_default_is_parsed_to_the_same_value_on_both_products(
    mariadb: str, mysql: str | None, kind: str, value: Default | None
) -> None:
    assert parse_default(mariadb, kind=kind, extra="", quoting=True) == value
    assert parse_default(mysql, kind=kind, extra="", quoting=False) == value


def test_a_display_width_is_ignored_unless_the_type_has_zero_fill() -> None:
    assert normalize_type("bigint(20) unsigned") == normalize_type("bigint unsigned")
    assert normalize_type("int(5) unsigned zerofill") == "int(5) unsigned zerofill"
    assert normalize_type("varchar(20)") == "varchar(20)"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("utf8_general_ci", "utf8mb3_general_ci"),
        ("utf8mb4_uca1400_ai_ci", "utf8mb4_0900_ai_ci"),
        ("utf8mb4_uca1400_nopad_as_cs", "utf8mb4_0900_as_cs"),
        ("utf8mb4_uca1400_german2_ai_ci", "utf8mb4_de_pb_0900_ai_ci"),
        ("utf8mb3_uca1400_ai_ci", "utf8mb3_unicode_520_ci"),
        ("utf8mb4_uca1400_ai_cs", None),
        ("utf8mb4_general_nopad_ci", None),
    ],
)
def test_a_collation_of_mariadb_has_its_nearest_in_mysql_or_none(name: str, found: str | None) -> None:
    mysql = {
        "utf8mb3_general_ci", "utf8mb3_unicode_520_ci", "utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs", "utf8mb4_0900_as_ci",
        "utf8mb4_de_pb_0900_ai_ci", "utf8mb4_0900_bin",
    }  # fmt: skip
    assert find_nearest(name, mysql) == found


def test_a_collation_of_mysql_has_its_nearest_in_this_mariadb() -> None:
    older, newer = {"utf8mb4_unicode_520_nopad_ci"}, {"utf8mb4_unicode_520_nopad_ci", "utf8mb4_uca1400_nopad_ai_ci"}
    assert find_nearest("utf8mb4_0900_ai_ci", older) == "utf8mb4_unicode_520_nopad_ci"
    assert find_nearest("utf8mb4_0900_ai_ci", newer) == "utf8mb4_uca1400_nopad_ai_ci"


def test_a_text_column_with_a_default_is_rejected_only_for_mysql() -> None:
    column = parse_column("text", "text", "YES", "'x'", "utf8mb4_bin", "", quoting=True)
    tables = {"issue": TableFacts("BASE TABLE", "InnoDB", "utf8mb4_bin", "", {"content": column})}

    (sentence,) = find_obstacles("gogs", tables, MARIADB, MYSQL).refused

    assert "content" in sentence
    assert "gogs.issue" in sentence
    assert find_obstacles("gogs", tables, MARIADB, MARIADB).refused == []


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("10.11.19-MariaDB-0+deb12u1-log", Product(False, (10, 11, 19))),
        ("8.4.3", Product(True, (8, 4, 3))),
        ("5.7.44-log", Product(True, (5, 7, 44))),
    ],
)
def test_a_version_string_is_parsed_to_product_and_version(text: str, product: Product) -> None:
    assert parse_product(text) == product
