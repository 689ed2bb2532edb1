"""When two servers' DDL says the same."""

from __future__ import annotations

from cutover_site.database.schema import normal

MARIADB = "CREATE TABLE `t` (\n  `id` bigint(20) NOT NULL AUTO_INCREMENT,\n  `b` tinyint(1) DEFAULT NULL\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4"
MYSQL = "CREATE TABLE `t` (\n  `id` bigint NOT NULL AUTO_INCREMENT,\n  `b` tinyint DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"


def test_display_widths_and_counters_are_no_difference() -> None:
    assert normal(MARIADB) == normal(MYSQL)


def test_a_missing_counter_attribute_or_column_type_is_one() -> None:
    assert normal(MARIADB) != normal(MARIADB.replace(" AUTO_INCREMENT,", ","))
    assert normal(MARIADB) != normal(MARIADB.replace("bigint", "int"))
