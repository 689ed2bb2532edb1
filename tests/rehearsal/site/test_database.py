"""Digests, scratch copy, freeze and schema on a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pymysql
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import freeze, schema, scratch, source_facts
from cutover_site.database.connection_group import connect_several
from cutover_site.database.connections import Connection, connect, execute, fetch_rows, fetch_value
from cutover_site.database.create_statement import read_create_statement
from cutover_site.database.digest import TableDigest, digest_tables
from cutover_site.database.writers import end_writers
from cutover_site.errors import NotChecked, SiteError
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.marker import render_marker_table

pytestmark = pytest.mark.rehearsal

TABLES = (
    """CREATE TABLE {0}.issue (id BIGINT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(255) NULL, content LONGTEXT,
        f DOUBLE, b TINYINT(1),
    d DATETIME(3) NULL, raw BLOB, KEY (title)) DEFAULT CHARSET utf8mb4""",
    (
        "CREATE TABLE {0}.lfs_object (repo_id BIGINT, oid VARCHAR(64), size BIGINT, PRIMARY KEY (repo_id, oid)) DEFAULT"
        " CHARSET utf8mb4"
    ),
    "CREATE TABLE {0}.webhook (id BIGINT PRIMARY KEY, is_active TINYINT(1))",
    "CREATE TABLE {0}.hook_task (id BIGINT PRIMARY KEY, is_delivered TINYINT(1))",
    "CREATE TABLE {0}.mirror (id BIGINT PRIMARY KEY, next_update_unix BIGINT)",
)
ROWS = [
    (
        f"Öffnung {n}",
        "lang 你好 🚀 " * (n * 20),
        n / 3,
        n % 2,
        None if n % 3 else "2026-01-02 03:04:05.678",
        bytes(range(n)),
    )
    for n in range(60)
]


@pytest.fixture
def root(server: DatabaseServer) -> Iterator[Connection]:
    """Create the source: a schema `gogs` with rows, the table of the marker, and Gogs's user."""
    connection = server.connect_root()
    for name in ("gogs", "gogs_scratch", "cutover"):
        execute(connection, f"DROP DATABASE IF EXISTS {name}")
    execute(connection, "DROP USER IF EXISTS gogs@'%'")
    execute(connection, "SET GLOBAL read_only = OFF")
    for name in ("gogs", "cutover"):
        execute(connection, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    for table in TABLES:
        execute(connection, table.format("gogs"))
    execute(connection, render_marker_table())
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO gogs.issue (title, content, f, b, d, raw) VALUES (%s, %s, %s, %s, %s, %s)", ROWS
        )
        cursor.executemany(
            "INSERT INTO gogs.lfs_object VALUES (%s, %s, %s)", [(n // 4, f"oid{n}", n) for n in range(30)]
        )
    execute(connection, "INSERT INTO gogs.webhook VALUES (1, 1)")
    execute(connection, "INSERT INTO gogs.hook_task VALUES (1, 0)")
    execute(connection, "INSERT INTO gogs.mirror VALUES (1, 5)")
    schema.grant_access(connection, PROFILE.database, "gogs", "p#a$s'")
    yield connection
    connection.close()


def make(connection: Connection, table: str, definition: str) -> None:
    execute(connection, f"DROP TABLE IF EXISTS gogs.{table}")
    execute(connection, f"CREATE TABLE gogs.{table} {definition}")


def read_digests(connection: Connection, name: str, *tables: str, chunk: int = 1000) -> dict[str, tuple[int, str]]:
    return {
        table: (found.rows, found.digest) for table, found in digest_tables([connection], name, tables, chunk).items()
    }


def test_a_digest_does_not_depend_on_chunks(root: Connection) -> None:
    whole = read_digests(root, "gogs", "issue", "lfs_object")
    assert whole == read_digests(root, "gogs", "issue", "lfs_object", chunk=7)
    assert whole["issue"][0] == len(ROWS)


def open_connections(server: DatabaseServer, count: int, stack: ExitStack) -> list[Connection]:
    return [stack.enter_context(server.connect_root()) for _ in range(count)]


@pytest.mark.parametrize("count", [2, 4])
def test_a_digest_does_not_depend_on_the_number_of_connections(
    root: Connection, server: DatabaseServer, count: int
) -> None:
    execute(root, "UPDATE gogs.issue SET id = id * 1000003 WHERE id > 40")
    names = ("issue", "lfs_object", "webhook", "mirror")
    with ExitStack() as stack:
        found = digest_tables(open_connections(server, count, stack), "gogs", names, 7)
    assert {name: (one.rows, one.digest) for name, one in found.items()} == read_digests(root, "gogs", *names)


def test_no_connection_sees_a_row_that_was_written_after_the_snapshots(
    root: Connection, server: DatabaseServer
) -> None:
    before = read_digests(root, "gogs", "issue", "lfs_object")

    def write_then_name() -> Iterator[str]:
        """The names are read after the snapshots were taken."""
        execute(root, "UPDATE gogs.issue SET title = 'written meanwhile' WHERE id IN (1, 30, 60)")
        execute(root, "DELETE FROM gogs.lfs_object WHERE oid = 'oid3'")
        yield from ("issue", "lfs_object")

    with ExitStack() as stack:
        found = digest_tables(open_connections(server, 3, stack), "gogs", write_then_name(), 7)
    assert {name: (one.rows, one.digest) for name, one in found.items()} == before
    assert read_digests(root, "gogs", "issue")["issue"] != before["issue"]


def test_an_error_on_one_of_several_connections_leaves_none_open(root: Connection, server: DatabaseServer) -> None:
    execute(root, "CREATE TABLE gogs.keyless (x INT)")
    schema.grant_access(root, PROFILE.database, "gogs", "p#a$s'")
    with connect_several(server.build_login("gogs", "p#a$s'"), 3) as connections:
        assert len(connections) == 3
        with pytest.raises(NotChecked, match="primary key"):
            digest_tables(connections, "gogs", ["issue", "keyless", "lfs_object"], 7)
    for _ in range(100):  # the server ends a session a moment after its client has closed it
        if not fetch_value(root, "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'gogs'"):
            return
        threading.Event().wait(0.05)
    raise AssertionError("a connection is open")


def test_a_connection_that_the_server_ends_fails_the_digest(root: Connection, server: DatabaseServer) -> None:
    with ExitStack() as stack:
        connections = open_connections(server, 3, stack)

        def end_one_then_name() -> Iterator[str]:
            execute(root, f"KILL {fetch_value(connections[1], 'SELECT CONNECTION_ID()')}")
            yield from ("issue", "lfs_object", "webhook")

        with pytest.raises(NotChecked, match="schema gogs cannot be compared"):
            digest_tables(connections, "gogs", end_one_then_name(), 7)
        assert fetch_value(connections[0], "SELECT 1") == 1


def test_a_server_without_further_connections_is_digested_with_one(root: Connection, server: DatabaseServer) -> None:
    execute(root, "ALTER USER gogs@'%' WITH MAX_USER_CONNECTIONS 1")
    with connect_several(server.build_login("gogs", "p#a$s'"), 2) as connections:
        assert len(connections) == 1
        found = digest_tables(connections, "gogs", ["issue"])["issue"]
    assert (found.rows, found.digest) == read_digests(root, "gogs", "issue")["issue"]


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


def digest_within(connection: Connection, spans: list[tuple[int, int]], chunk: int = 1000) -> TableDigest:
    return digest_tables([connection], "gogs", ["issue"], chunk, key_ranges={"issue": spans})["issue"]


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


def test_the_scratch_copy_is_equal_and_has_its_outbound_work_disabled(root: Connection, server: DatabaseServer) -> None:
    copied = scratch.copy(server.build_login("gogs", "p#a$s'"), PROFILE.database)
    assert copied["issue"] == len(ROWS)
    names = ("issue", "lfs_object")
    assert read_digests(root, "gogs", *names) == read_digests(root, "gogs_scratch", *names)
    assert fetch_value(root, "SELECT is_active FROM gogs_scratch.webhook") == 0
    assert fetch_value(root, "SELECT is_delivered FROM gogs_scratch.hook_task") == 1
    assert fetch_value(root, "SELECT next_update_unix FROM gogs_scratch.mirror") > 32_000_000_000
    assert fetch_value(root, "SELECT is_active FROM gogs.webhook") == 1


def test_a_second_scratch_copy_replaces_the_first(root: Connection, server: DatabaseServer) -> None:
    scratch.copy(server.build_login("gogs", "p#a$s'"), PROFILE.database)
    execute(root, "INSERT INTO gogs_scratch.webhook VALUES (99, 1)")
    assert scratch.copy(server.build_login("gogs", "p#a$s'"), PROFILE.database)["webhook"] == 1


def test_the_applications_user_can_connect_only_with_tls(root: Connection, server: DatabaseServer) -> None:
    del root  # the test needs only the user that it creates
    with connect(server.build_login("gogs", "p#a$s'")) as user:
        assert fetch_rows(user, "SHOW STATUS LIKE 'Ssl_cipher'")[0][1]
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(host="127.0.0.1", port=server.port, user="gogs", password="p#a$s'", ssl_disabled=True)


def test_a_frozen_server_refuses_writes_and_its_marker_is_the_last_write(
    root: Connection, server: DatabaseServer, tmp_path: Path
) -> None:
    layout = Layout(tmp_path)
    before, _ = freeze.stop_writes(root, layout, "r1")
    assert all("read_only" in path.read_text() for path in layout.database_freeze)
    assert freeze.has_marker(root, "r1")
    with (
        connect(server.build_login("gogs", "p#a$s'")) as user,
        pytest.raises(pymysql.err.OperationalError, match="read-only"),
    ):
        execute(user, "INSERT INTO gogs.webhook VALUES (5, 1)")
    assert freeze.stop_writes(root, layout, "r1")[0] == before
    freeze.resume_writes(root, layout)
    assert not any(path.exists() for path in layout.database_freeze)
    with connect(server.build_login("gogs", "p#a$s'")) as user:
        assert execute(user, "INSERT INTO gogs.webhook VALUES (5, 1)") == 1


def test_a_locked_table_fails_the_freeze_and_the_server_stays_open(
    root: Connection, server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze, "LOCK_WAIT_SECONDS", 1)
    with server.connect_root() as holder:
        execute(holder, "LOCK TABLES gogs.webhook WRITE")
        with pytest.raises(SiteError, match="cannot become read-only"):
            freeze.stop_writes(root, Layout(tmp_path), "r1")
        freeze.resume_writes(root, Layout(tmp_path))
        execute(holder, "UNLOCK TABLES")
    assert not freeze.is_read_only(root)
    assert not freeze.has_marker(root, "r1")


def test_a_freeze_ends_an_open_transaction(root: Connection, server: DatabaseServer) -> None:
    with connect(server.build_login("gogs", "p#a$s'")) as writer:
        execute(writer, "START TRANSACTION")
        execute(writer, "UPDATE gogs.webhook SET is_active = 0")
        ended: list[int] = []
        thread = threading.Thread(target=lambda: ended.append(end_writers(root, grace_seconds=0.3)))
        thread.start()
        thread.join(20)
        assert ended == [1]
    assert fetch_value(root, "SELECT is_active FROM gogs.webhook") == 1


def test_the_target_gets_the_schema_of_the_source(root: Connection) -> None:
    wanted = schema.read_schemas(root, PROFILE.database)
    execute(root, "DROP DATABASE gogs")
    execute(root, "DROP DATABASE cutover")
    made = schema.create_missing_tables(root, wanted)
    assert set(made) >= {"gogs.issue", "cutover.marker"}
    assert "AUTO_INCREMENT" in read_create_statement(root, "gogs", "issue")
    assert "KEY `title`" in read_create_statement(root, "gogs", "issue")
    assert schema.create_missing_tables(root, wanted) == []
    execute(root, "ALTER TABLE gogs.issue DROP COLUMN f")
    with pytest.raises(schema.SchemaDiffers, match=r"gogs\.issue"):
        schema.create_missing_tables(root, wanted)


def test_the_applications_user_cannot_write_the_marker(root: Connection, server: DatabaseServer) -> None:
    del root
    with connect(server.build_login("gogs", "p#a$s'")) as user:
        assert fetch_rows(user, "SELECT * FROM cutover.marker") == []
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            execute(user, "INSERT INTO cutover.marker VALUES ('x', 1)")


def test_views_triggers_events_and_routines_are_listed_as_not_copied(root: Connection) -> None:
    assert source_facts.read_source_facts(root, PROFILE.database)["not_carried"] == []
    execute(root, "CREATE VIEW gogs.busiest AS SELECT id FROM gogs.issue")
    execute(root, "CREATE TRIGGER gogs.stamp BEFORE INSERT ON gogs.issue FOR EACH ROW SET NEW.title = 'x'")
    execute(root, "CREATE EVENT gogs.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM gogs.webhook")
    execute(root, "CREATE PROCEDURE gogs.tidy() DELETE FROM gogs.webhook")
    assert source_facts.read_source_facts(root, PROFILE.database)["not_carried"] == [
        "view busiest",
        "trigger stamp",
        "event nightly",
        "procedure tidy",
    ]
