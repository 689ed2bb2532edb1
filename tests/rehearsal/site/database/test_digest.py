"""The digest of rows on a real server: every change of a value changes it, and what is no part of a value does not."""

from __future__ import annotations

import pytest
from cutover_site.database.connections import Connection, execute
from cutover_site.database.digest import digest_tables
from cutover_site.errors import NotChecked

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.site.database.rows import ROWS, digest_within, make, read_digests

pytestmark = pytest.mark.rehearsal


def test_a_digest_does_not_depend_on_chunks(root: Connection) -> None:
    whole = read_digests(root, "gogs", "issue", "lfs_object")
    assert whole == read_digests(root, "gogs", "issue", "lfs_object", chunk=7)
    assert whole["issue"][0] == len(ROWS)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("BIT(8)", [str(number) for number in range(0, 256, 9)]),
        ("BIT(64)", ["0", "255", "256", "1 << 63", "~0 - 1", "~0"]),
        ("ENUM('z','y','b','a','1','2','10')", ["'z'", "'y'", "'b'", "'a'", "'1'", "'2'", "'10'"]),
        ("SET('z','y','a')", ["''", "'z'", "'y'", "'a'", "'z,y'", "'z,a'", "'y,a'", "'z,y,a'"]),
        ("FLOAT", [f"{number} / 7" for number in range(-9, 9)]),
    ],
)
@pytest.mark.parametrize("key", ["k", "k, n"])
def test_each_row_is_digested_whatever_the_type_of_the_key(
    root: Connection, kind: str, values: list[str], key: str
) -> None:
    make(root, "typed", f"(k {kind}, n INT, PRIMARY KEY ({key}))")
    rows = [f"({value}, {n})" for value in values for n in range(3 if "n" in key else 1)]
    execute(root, f"INSERT INTO gogs.typed VALUES {', '.join(rows)}")
    whole = read_digests(root, "gogs", "typed")
    assert whole["typed"][0] == len(rows)
    assert read_digests(root, "gogs", "typed", chunk=3) == whole


def test_a_digest_of_key_ranges_covers_only_rows_in_them(root: Connection) -> None:
    part = digest_within(root, [(10, 29), (50, 500)])
    assert part.rows == 31
    assert part.digest == digest_within(root, [(10, 29), (50, 500)], chunk=7).digest
    assert part.digest != digest_within(root, [(10, 60)]).digest
    execute(root, "UPDATE gogs.issue SET title = 'outside' WHERE id IN (9, 30, 49)")
    assert digest_within(root, [(10, 29), (50, 500)]).digest == part.digest
    execute(root, "UPDATE gogs.issue SET title = 'inside' WHERE id = 29")
    assert digest_within(root, [(10, 29), (50, 500)]).digest != part.digest
    with pytest.raises(NotChecked, match="several columns"):
        digest_tables([root], "gogs", ["lfs_object"], key_ranges={"lfs_object": [(1, 2)]})


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gogs.issue SET title = NULL WHERE id = 7",
        "UPDATE gogs.issue SET title = '' WHERE id = 7",
        "UPDATE gogs.issue SET title = LOWER(title) WHERE id = 7",
        "UPDATE gogs.issue SET content = CONCAT(content, ' ') WHERE id = 60",
        "UPDATE gogs.issue SET f = f + 1e-12 WHERE id = 7",
        "UPDATE gogs.issue SET d = d + INTERVAL 1000 MICROSECOND WHERE id = 1",
        "UPDATE gogs.issue SET raw = UNHEX('00') WHERE id = 1",
        "DELETE FROM gogs.issue WHERE id = 7",
        "UPDATE gogs.issue SET id = 1000 WHERE id = 7",
    ],
)
def test_any_change_of_a_row_changes_the_digest(root: Connection, change: str) -> None:
    before = read_digests(root, "gogs", "issue", "lfs_object")
    assert execute(root, change) == 1
    after = read_digests(root, "gogs", "issue", "lfs_object")
    assert before["issue"] != after["issue"]
    assert before["lfs_object"] == after["lfs_object"]


def test_two_rows_that_swap_contents_change_the_digest(root: Connection) -> None:
    before = read_digests(root, "gogs", "lfs_object")
    execute(root, "UPDATE gogs.lfs_object SET size = CASE oid WHEN 'oid1' THEN 2 WHEN 'oid2' THEN 1 ELSE size END")
    assert read_digests(root, "gogs", "lfs_object") != before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'a', 'bc'", "'ab', 'c'"),
        ("NULL, ''", "'', NULL"),
        ("NULL, 'N'", "'N', NULL"),
        ("'', 'x'", "'x', ''"),
        ("REPEAT('a', 70000), SHA2('b', 256)", "REPEAT('b', 70000), SHA2('a', 256)"),
        ("REPEAT('a', 70000), ''", "SHA2(REPEAT('a', 70000), 256), ''"),
    ],
)
def test_a_digest_keeps_adjacent_values_apart(root: Connection, one: str, other: str) -> None:
    found = set()
    for values in (one, other):
        make(root, "pair", "(id INT PRIMARY KEY, a LONGTEXT, b TEXT) CHARSET utf8mb4")
        execute(root, f"INSERT INTO gogs.pair VALUES (1, {values})")
        found.add(read_digests(root, "gogs", "pair")["pair"])
    assert len(found) == 2


def test_character_set_display_width_and_zero_fill_do_not_change_the_digest(root: Connection) -> None:
    found = set()
    for kinds in (
        (
            "id INT(8) ZEROFILL PRIMARY KEY, a VARCHAR(9) CHARSET latin1, b LONGTEXT CHARSET utf8mb3, c CHAR(9) CHARSET"
            " ucs2"
        ),
        "id INT UNSIGNED PRIMARY KEY, a VARCHAR(99), b LONGTEXT, c CHAR(20)",
    ):
        make(root, "same", f"({kinds}) CHARSET utf8mb4")
        execute(root, "INSERT INTO gogs.same VALUES (1, 'ÄÖ', REPEAT('ü', 40000), 'ß'), (2, NULL, NULL, NULL)")
        found.add(read_digests(root, "gogs", "same")["same"])
    assert len(found) == 1


def test_a_digest_of_a_table_with_a_datetime_key_does_not_depend_on_chunks(root: Connection) -> None:
    make(root, "moment", "(at DATETIME(6) PRIMARY KEY)")
    execute(root, "INSERT INTO gogs.moment VALUES ('2026-01-02 03:04:05.678901'), ('2026-01-02 03:04:05.678902')")
    whole = read_digests(root, "gogs", "moment")
    assert whole["moment"][0] == 2
    assert whole == read_digests(root, "gogs", "moment", chunk=1)


def test_a_row_that_the_server_cannot_hash_is_not_skipped(root: Connection, server: DatabaseServer) -> None:
    make(root, "wide", "(id INT PRIMARY KEY, a LONGTEXT CHARSET latin1)")
    execute(root, "INSERT INTO gogs.wide VALUES (1, REPEAT(_latin1 x'E4', 9 << 20)), (2, NULL)")
    if server.is_mysql:  # MySQL can convert more than one packet
        assert read_digests(root, "gogs", "wide")["wide"][0] == 2
        return
    with pytest.raises(NotChecked, match=r"1 rows of gogs\.wide are too large"):
        read_digests(root, "gogs", "wide")


def test_a_table_without_primary_key_or_a_missing_table_is_not_checked(root: Connection) -> None:
    execute(root, "CREATE TABLE gogs.keyless (x INT)")
    with pytest.raises(NotChecked, match="primary key"):
        read_digests(root, "gogs", "keyless")
    with pytest.raises(NotChecked, match="does not exist"):
        read_digests(root, "gogs", "nothing")
