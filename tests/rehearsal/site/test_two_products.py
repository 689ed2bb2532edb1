"""The same rows and tables on a source of each product and on the product of RDS.

Digests are equal, and tables can be created and compared again.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import schema, source_facts
from cutover_site.database.connections import Connection, connect, execute, fetch_rows
from cutover_site.database.create_statement import UnreadableTable
from cutover_site.database.digest import digest_tables
from cutover_site.database.divergent import find_divergent_rows
from cutover_site.database.late_times import STORED_SINCE
from cutover_site.database.products import read_product

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.marker import render_marker_table

pytestmark = pytest.mark.rehearsal

Sides = tuple[Connection, Connection]
KINDS = (
    ("POINT", "ST_GeomFromText('POINT(1.1 2)')"),
    ("LINESTRING", "ST_GeomFromText('LINESTRING(0 0,1 1)')"),
    ("POLYGON", "ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')"),
    ("MULTIPOINT", "ST_GeomFromText('MULTIPOINT(0 0,1 1)')"),
    ("GEOMETRYCOLLECTION", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')"),
    ("GEOMETRY", "ST_GeomFromText('POINT(1 1)')"),
    ("BIT(64)", "~0"),
    ("DOUBLE", "-0e0"),
    ("FLOAT(7,3)", "3.3"),
    ("DECIMAL(65,30)", "12345678901234567890123456789012345.012345678901234567890123456789"),
    ("DATE", "'0000-00-00'"),
    ("DATETIME(6)", "'2026-01-02 03:04:05.678901'"),
    ("TIMESTAMP(3) NULL", "'2026-03-29 02:30:00.123'"),
    ("TIME(2)", "'-838:59:59'"),
    ("YEAR", "2026"),
    ("SET('a','b')", "'a,b'"),
    ("ENUM('x','Ö')", "'Ö'"),
    ("CHAR(5) CHARSET latin1", "'ä  '"),
    ("VARBINARY(9)", "x'00FF'"),
    ("BIGINT UNSIGNED", "18446744073709551615"),
)


@pytest.fixture
def sides(pair: tuple[DatabaseServer, DatabaseServer]) -> Iterator[Sides]:
    """Open sessions as the product does, on two servers without the site's schemas."""
    with connect(pair[0].build_login("root", "")) as source, connect(pair[1].build_login("root", "")) as target:
        for side in (source, target):
            execute(side, "SET SESSION sql_mode = ''")
            for name in ("gogs", "cutover", "gogs_scratch", "elsewhere"):
                execute(side, f"DROP DATABASE IF EXISTS {name}")
        execute(source, "CREATE DATABASE cutover CHARACTER SET utf8mb4")
        execute(source, render_marker_table())
        execute(source, "CREATE DATABASE gogs CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        execute(source, "USE gogs")
        yield source, target


def read_digests(side: Connection, *names: str) -> dict[str, tuple[int, str]]:
    return {name: (one.rows, one.digest) for name, one in digest_tables([side], "gogs", names).items()}


def run_on_both(sides: Sides, *statements: str) -> None:
    for side in sides:
        execute(side, "CREATE DATABASE IF NOT EXISTS gogs CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        execute(side, "USE gogs")
        for statement in statements:
            execute(side, statement)


def test_both_products_hash_columns_in_the_same_order(sides: Sides) -> None:
    """MySQL sorts `_` before the letters, MariaDB sorts it after them."""
    run_on_both(
        sides,
        (
            "CREATE TABLE pull_request (id INT PRIMARY KEY, issue_id INT, `index` INT, head_repo INT, headline INT, _a"
            " INT, Z INT)"
        ),
        "INSERT INTO pull_request VALUES (1, 2, 3, 4, 5, 6, 7)",
    )
    assert read_digests(sides[0], "pull_request") == read_digests(sides[1], "pull_request")


def test_every_column_type_has_the_same_digest_on_both_products(sides: Sides) -> None:
    names = [f"kind_{number}" for number in range(len(KINDS))]
    for name, (kind, literal) in zip(names, KINDS, strict=True):
        run_on_both(
            sides,
            f"CREATE TABLE {name} (id INT PRIMARY KEY, v {kind}, t DATETIME, b VARBINARY(9))",
            f"INSERT INTO {name} VALUES (1, {literal}, '2026-01-02', x'FF'), (2, NULL, NULL, NULL)",
        )
    left, right = (read_digests(side, *names) for side in sides)
    assert {KINDS[n][0] for n, name in enumerate(names) if left[name] != right[name]} == set()
    assert all(count == 2 for count, _ in left.values())


def test_digests_compare_floating_point_numbers_exactly(sides: Sides) -> None:
    draw = random.Random(7)
    doubles = [struct.unpack("<d", struct.pack("<Q", draw.getrandbits(64)))[0] for _ in range(3000)]
    floats = [struct.unpack("<f", struct.pack("<I", draw.getrandbits(32)))[0] for _ in range(3000)]
    numbers = [(d, f) for d, f in zip(doubles, floats, strict=True) if abs(d) < float("inf") and abs(f) < float("inf")]
    run_on_both(sides, "CREATE TABLE numbers (id INT PRIMARY KEY, d DOUBLE, f FLOAT)")
    for side in sides:
        with side.cursor() as cursor:
            listed = [(number, repr(d), repr(f)) for number, (d, f) in enumerate(numbers)]
            cursor.executemany("INSERT INTO gogs.numbers VALUES (%s, %s, %s)", listed)

    before = read_digests(sides[0], "numbers")

    assert before == read_digests(sides[1], "numbers")
    execute(sides[1], "UPDATE gogs.numbers SET d = d * (1 + 2.3e-16) WHERE id = 5")
    assert before != read_digests(sides[1], "numbers")


def test_created_tables_are_equal_in_a_second_run(sides: Sides, pair: tuple[DatabaseServer, DatabaseServer]) -> None:
    source, target = sides
    for table in (
        "a1 (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, n VARCHAR(255) NOT NULL DEFAULT 'it''s' COMMENT 'a"
        " COLLATE b, (c', b TINYINT(1) DEFAULT 0,"
        " d DECIMAL(10,2) DEFAULT 1.50, e ENUM('a,b','c)') DEFAULT 'a,b', ts TIMESTAMP NOT NULL DEFAULT"
        " CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,"
        " dt DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3), z INT(5) ZEROFILL, y YEAR, KEY kn (n(10)), UNIQUE KEY u (b,"
        " d)) DEFAULT CHARSET=utf8mb4",
        "a2 (id INT PRIMARY KEY, a INT, v INT GENERATED ALWAYS AS (a + 1) VIRTUAL, t TEXT, FULLTEXT KEY ft (t), p"
        " POINT NOT NULL, SPATIAL KEY sp (p))"
        " DEFAULT CHARSET=utf8 COLLATE utf8_general_ci",
        (
            "a3 (id INT PRIMARY KEY, pid INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES a2 (id) ON DELETE CASCADE ON"
            " UPDATE SET NULL)"
        ),
        (
            "a4 (id INT, d INT, PRIMARY KEY (id, d)) PARTITION BY RANGE (d) (PARTITION p0 VALUES LESS THAN (10),"
            " PARTITION p1 VALUES LESS THAN MAXVALUE)"
        ),
        (
            "a5 (id INT PRIMARY KEY, j JSON, l VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_german1_ci, uf FLOAT"
            " UNSIGNED, u VARCHAR(40) DEFAULT (UUID()))"
        ),
        (
            "a6 (id INT PRIMARY KEY, b BINARY(4) DEFAULT 'ab', v VARBINARY(4) DEFAULT 'a\\0b',"
            " n VARCHAR(9) DEFAULT 'a\\nb',"
            " later DATETIME DEFAULT (NOW() + INTERVAL 1 DAY))"
        ),
    ):
        execute(source, f"CREATE TABLE {table}")

    # MariaDB does not show the actions of foreign keys to the user of the replication
    execute(source, "DROP USER IF EXISTS reader@'%'")
    execute(source, "CREATE USER reader@'%' IDENTIFIED BY 'of a test'")
    for name in ("gogs", "cutover"):
        execute(source, f"GRANT SELECT ON {name}.* TO reader@'%'")
    with connect(pair[0].build_login("reader", "of a test")) as reader:
        wanted = schema.read_schemas(reader, PROFILE.database)

    assert len(schema.create_missing_tables(target, wanted)) == 7
    assert (
        schema.create_missing_tables(target, wanted)
        == schema.create_missing_tables(target, schema.read_schemas(source, PROFILE.database))
        == []
    )
    execute(target, "ALTER TABLE gogs.a3 DROP FOREIGN KEY fk1")
    execute(target, "ALTER TABLE gogs.a3 ADD CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES a2 (id) ON DELETE SET NULL")
    with pytest.raises(schema.SchemaDiffers, match="foreign key fk1"):
        schema.create_missing_tables(target, wanted)
    assert fetch_rows(target, "SHOW DATABASES LIKE 'cutover_trial'") == []


def test_a_different_table_is_named_with_an_action_that_loses_no_row(sides: Sides) -> None:
    source, target = sides
    for name in ("full", "bare"):
        execute(source, f"CREATE TABLE {name} (id INT PRIMARY KEY, n INT DEFAULT 4)")
    wanted = schema.read_schemas(source, PROFILE.database)
    schema.create_missing_tables(target, wanted)
    execute(target, "INSERT INTO gogs.full VALUES (1, 1)")
    for name in ("full", "bare"):
        execute(target, f"ALTER TABLE gogs.{name} ALTER COLUMN n SET DEFAULT 5")

    with pytest.raises(schema.SchemaDiffers, match=r"gogs\.bare: column n .*gogs\.full: column n") as caught:
        schema.create_missing_tables(target, wanted)

    assert "drop gogs.bare" in caught.value.next_action
    assert "gogs.full on the target by ALTER TABLE" in caught.value.next_action


def test_all_unsupported_definitions_are_named_before_any_table_is_created(
    sides: Sides, pair: tuple[DatabaseServer, DatabaseServer]
) -> None:
    source, target = sides
    if pair[0].is_mysql or not pair[1].is_mysql:
        pytest.skip("what only MariaDB has")
    for statement in (
        "CREATE TABLE good (id INT PRIMARY KEY)",
        "CREATE TABLE b1 (id INT PRIMARY KEY, t TEXT DEFAULT 'x', u UUID, i INET6)",
        "CREATE TABLE b2 (id INT PRIMARY KEY) ENGINE=Aria",
        "CREATE SEQUENCE counter",
        "CREATE TABLE b3 (id INT PRIMARY KEY) WITH SYSTEM VERSIONING",
        "CREATE TABLE b5 (id INT PRIMARY KEY, t TEXT, UNIQUE (t))",
        "CREATE TABLE b6 (id INT PRIMARY KEY, v VARCHAR(9) COLLATE utf8mb4_general_nopad_ci) CHARSET utf8mb4",
        "CREATE TABLE b7 (id INT PRIMARY KEY, g VARCHAR(40) DEFAULT (SYS_GUID()))",
    ):
        execute(source, statement)

    with pytest.raises(schema.SchemaRefused) as caught:
        schema.create_missing_tables(target, schema.read_schemas(source, PROFILE.database))

    for place in ("column t of table gogs.b1", "column u of table gogs.b1", "column i of",
                  "gogs.b2", "gogs.counter", "gogs.b3", "gogs.b5", "column v of table gogs.b6", "gogs.b7"):  # fmt: skip
        assert place in caught.value.reason
    assert "gogs.good" not in caught.value.reason
    assert (
        fetch_rows(target, "SHOW DATABASES LIKE 'gogs'")
        == fetch_rows(target, "SHOW DATABASES LIKE 'cutover_trial'")
        == []
    )


def test_a_binary_default_is_created_or_refused_by_name(sides: Sides) -> None:
    source, target = sides
    execute(source, "CREATE TABLE bytes (id INT PRIMARY KEY, b BINARY(4) DEFAULT 0x00FF)")

    server = read_product(source)
    if server.mysql or server.version >= (11, 0, 0):
        wanted = schema.read_schemas(source, PROFILE.database)
        created = [schema.create_missing_tables(target, wanted) for _ in range(2)]
        assert created == [["gogs.bytes", "cutover.marker"], []]
    else:
        with pytest.raises(UnreadableTable, match=r"gogs\.bytes"):
            schema.read_schemas(source, PROFILE.database)
        facts = source_facts.read_source_facts(source, PROFILE.database)
        assert any("gogs.bytes" in one for one in facts["target_refuses"])


def test_a_collation_that_the_target_lacks_is_replaced_with_a_warning(
    sides: Sides, pair: tuple[DatabaseServer, DatabaseServer]
) -> None:
    source, target = sides
    if pair[0].is_mysql or not pair[1].is_mysql:
        pytest.skip("what only MariaDB has")
    execute(source, "CREATE TABLE named (id VARCHAR(9) COLLATE utf8mb4_unicode_nopad_ci PRIMARY KEY) CHARSET utf8mb4")
    wanted = schema.read_schemas(source, PROFILE.database)

    schema.create_missing_tables(target, wanted)

    assert any(
        "utf8mb4_0900_ai_ci is used for column id of table gogs.named" in one
        for one in schema.list_warnings(target, wanted)
    )
    # And no row is divergent, although the two servers sort the text key differently
    for side in sides:
        execute(side, "INSERT INTO gogs.named VALUES ('a'), ('B'), ('_c'), ('d1'), ('-e'), ('F')")
    assert find_divergent_rows(source, target, "gogs", ["named"], watch_seconds=1, size=2).divergent == {}


def test_a_timestamp_that_only_mariadb_stores_is_refused_before_any_table_is_created(sides: Sides) -> None:
    source, target = sides
    execute(source, "CREATE TABLE gogs.lease (id INT PRIMARY KEY, ends TIMESTAMP NULL, began TIMESTAMP NULL)")
    execute(source, "CREATE TABLE gogs.quiet (id INT PRIMARY KEY, ends TIMESTAMP NULL)")
    execute(source, "INSERT INTO gogs.lease VALUES (1, '2038-01-19 03:14:07', '2026-01-01')")
    assert schema.read_schemas(source, PROFILE.database).late_times == ()
    if read_product(source).mysql or read_product(source).version < STORED_SINCE:
        return
    execute(source, "INSERT INTO gogs.lease VALUES (2, '2038-01-19 03:14:08', NULL)")

    (sentence,) = schema.read_schemas(source, PROFILE.database).late_times
    assert "column ends of table gogs.lease" in sentence
    assert source_facts.read_source_facts(source, PROFILE.database)["target_refuses"] == [sentence]
    if read_product(target).mysql:
        with pytest.raises(schema.SchemaRefused, match=r"column ends of table gogs\.lease"):
            schema.create_missing_tables(target, schema.read_schemas(source, PROFILE.database))


def test_a_binary_log_that_dms_cannot_read_is_found_on_a_real_server(sides: Sides) -> None:
    source, _ = sides
    settings = (
        {"binlog_transaction_compression": "ON", "binlog_row_value_options": "PARTIAL_JSON"}
        if read_product(source).mysql
        else {"log_bin_compress": "ON"}
    )
    assert source_facts.read_source_facts(source, PROFILE.database)["log_encodings"] == {}
    try:
        for name, value in settings.items():
            execute(source, f"SET GLOBAL {name} = '{value}'")
        assert source_facts.read_source_facts(source, PROFILE.database)["log_encodings"] == settings
    finally:
        for name in settings:
            execute(source, f"SET GLOBAL {name} = DEFAULT")
