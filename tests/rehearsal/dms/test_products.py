"""MySQL as source and as target, and the differences of MariaDB and MySQL in logs, texts and rounding."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from rehearsal.dms.engine.capture import Capture
from rehearsal.dms.engine.changes import Change, Ended, Inbox, Transaction
from rehearsal.dms.engine.databases import Position, Server, end_of_log
from rehearsal.dms.engine.tables import Name, Table, describe
from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.engine import Engine, Json, build_job
from tests.rehearsal.dms.test_replication import copy_schema, is_loaded, is_validated
from tests.rehearsal.dms.writer import Writer, fill

pytestmark = pytest.mark.rehearsal
Start = Callable[[Json], Engine]


def create_schema(source: DatabaseServer, target: DatabaseServer, *statements: str) -> None:
    source.run("CREATE DATABASE site CHARACTER SET utf8mb4")
    source.run(*statements, schema="site")
    copy_schema(source, target, "site")


@dataclass(frozen=True)
class DescribedTables:
    """Tables that no statement changes."""

    described: Mapping[Name, Table]

    def find(self, name: Name, _logged: Sequence[Any]) -> Table | None:
        return self.described.get(name)

    def remove_table(self, name: Name) -> None:
        """Keep the description: the tests alter no table while they read."""

    def count_captured(self, change: Change) -> None:
        """Count nothing: the tests count the transactions."""


def read(server: DatabaseServer, start: Position, end: Position) -> list[Transaction]:
    """Return the transactions that the engine's reader emits between two positions of the log."""
    found: list[Transaction] = []
    reading = Server("127.0.0.1", server.port, "root", "")
    connection = reading.connect()
    tables = describe(connection, [("site", "t")])
    connection.close()
    inbox = Inbox()
    capture = Capture(reading, 4712, start, inbox, DescribedTables(tables))
    capture.start()
    try:
        while not found or found[-1].end < end:
            item = inbox.get(10)
            assert isinstance(item, Transaction), item.error if isinstance(item, Ended) else "the reader ended"
            found.append(item)
    finally:
        capture.close()
    return found


@pytest.mark.parametrize("which", ["source", "mysql"])
def test_no_checkpoint_is_inside_a_transaction(which: str, request: pytest.FixtureRequest) -> None:
    server: DatabaseServer = request.getfixturevalue(which)
    connection = Server("127.0.0.1", server.port, "root", "").connect()
    try:
        server.run("CREATE DATABASE site", "CREATE TABLE site.t (a INT PRIMARY KEY)")
        start = end_of_log(connection)
        # Given a transaction with savepoints, as GORM uses them, and rows before, between and after them
        server.run(
            "BEGIN", "INSERT INTO t VALUES (1)", "SAVEPOINT a", "INSERT INTO t VALUES (2)", "SAVEPOINT b",
            "INSERT INTO t VALUES (3)", "ROLLBACK TO b", "INSERT INTO t VALUES (4)", "RELEASE SAVEPOINT a", "COMMIT",
            "INSERT INTO t VALUES (5)", schema="site",
        )  # fmt: skip
        end = end_of_log(connection)
        assert start is not None
        assert end is not None

        transactions = read(server, start, end)
    finally:
        server.run("DROP DATABASE site")
        connection.close()

    rows = [[change.after[0] for change in one.changes if change.after] for one in transactions]
    assert [row for row in rows if row] == [[1, 2, 4], [5]]
    first = next(number for number, row in enumerate(rows) if row)
    assert all(one.end <= start for one in transactions[:first])


def test_a_killed_engine_loses_no_row_of_a_busy_mysql(
    mysql: DatabaseServer, rds: DatabaseServer, from_mysql: tuple[Json, Json], start: Start
) -> None:
    fill(mysql, "site")
    copy_schema(mysql, rds, "site")
    with Writer(mysql, "site") as writer:
        engine = start(build_job(*from_mysql, "site"))
        engine.wait_until(is_loaded)
        writer.wait_for_more(100)
        engine.kill()
        engine = start(build_job(*from_mysql, "site", start="resume-processing"))
        engine.wait_until(is_loaded)
        writer.wait_for_more(100)
        writer.stop()
        engine.wait_until(is_validated)
        engine.stop()
    assert rds.digest("site") == mysql.digest("site")


@pytest.mark.parametrize(
    ("which", "names", "message"),
    [
        ("mysql", {"binlog_transaction_compression": "ON"}, "binlog_transaction_compression"),
        ("source", {"log_bin_compress": "ON", "log_bin_compress_min_len": "10"}, "log_bin_compress"),
    ],
)
def test_a_compressed_log_fails_the_task(
    which: str, names: dict[str, str], message: str, start: Start, request: pytest.FixtureRequest
) -> None:
    server: DatabaseServer = request.getfixturevalue(which)
    ends = request.getfixturevalue("from_mysql" if which == "mysql" else "ends")
    create_schema(
        server,
        request.getfixturevalue("rds" if which == "mysql" else "target"),
        "CREATE TABLE t (a INT PRIMARY KEY, b TEXT)",
    )
    engine = start(build_job(*ends, "site"))
    engine.wait_until(is_loaded)
    before = {name: server.query(f"SELECT @@GLOBAL.{name}")[0][0] for name in names}
    try:
        server.run(*(f"SET GLOBAL {name} = {value}" for name, value in names.items()))
        server.run("INSERT INTO site.t VALUES (1, REPEAT('x', 5000))")
        assert message in engine.wait_failed()["message"]
    finally:
        server.run(*(f"SET GLOBAL {name} = {value}" for name, value in before.items()))


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (("XA START 'x'", "INSERT INTO t (a) VALUES (7)", "XA END 'x'", "XA PREPARE 'x'", "XA COMMIT 'x'"),
         "XA transactions"),
        (("SET binlog_row_value_options = PARTIAL_JSON", "UPDATE t SET doc = JSON_SET(doc, '$.a', 2)"),
         "binlog_row_value_options"),
        (("SET binlog_row_image = MINIMAL", "UPDATE t SET b = 'changed'"), "binlog_row_image"),
        (("SET SESSION binlog_format = STATEMENT", "UPDATE t SET b = 'changed'"), "binlog_format must be ROW"),
    ],
    ids=["xa", "partial json", "partial rows", "statement"],
)  # fmt: skip
def test_an_unsupported_event_in_a_log_of_mysql_fails_the_task(
    mysql: DatabaseServer, rds: DatabaseServer, from_mysql: tuple[Json, Json], start: Start,
    statements: tuple[str, ...], message: str
) -> None:  # fmt: skip
    big = f"""INSERT INTO t VALUES (1, 'x', '{{"a": 1, "rest": "{"y" * 2000}"}}')"""
    create_schema(mysql, rds, "CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(20), doc JSON)", big)
    engine = start(build_job(*from_mysql, "site"))
    engine.wait_until(is_loaded)
    mysql.run(*statements, schema="site")
    assert message in engine.wait_failed()["message"]


DOCUMENTS = (
    "null", "true", "[]", "{}", "[1, -1, 40000, -40000, 3000000000, 18446744073709551615, -9223372036854775808]",
    ('{"b": {"a": [1.5, 1e300, -0.25, 1.0]}, "": "", "ü":'
    ' "😀\\\\u0000\\\\n\\\\""}'), '"plain"', f'["{"x" * 70000}", {{"k": "{"y" * 300}"}}]',
)  # fmt: skip


def test_json_documents_are_replicated_without_a_change(
    mysql: DatabaseServer, rds: DatabaseServer, from_mysql: tuple[Json, Json], start: Start
) -> None:
    loads = [f"INSERT INTO t (doc) VALUES ('{document}')" for document in DOCUMENTS]
    columns = "id INT AUTO_INCREMENT PRIMARY KEY, doc JSON, more JSON NOT NULL DEFAULT (JSON_ARRAY())"
    create_schema(mysql, rds, f"CREATE TABLE t ({columns})", *loads)
    engine = start(build_job(*from_mysql, "site"))
    engine.wait_until(is_loaded)
    mysql.run(*loads, "UPDATE t SET more = doc WHERE id % 2 AND doc IS NOT NULL", schema="site")
    engine.wait_until(lambda r: engine.read_table("t")["counters"].get("AppliedUpdates") == 6 and is_validated(r))
    engine.stop()
    query = "SELECT id, CAST(doc AS CHAR), CAST(more AS CHAR) FROM site.t ORDER BY id"
    assert rds.query(query) == mysql.query(query)


def list_numbers(kind: str, count: int) -> list[float]:
    """Return floating-point numbers of every magnitude."""
    generator = random.Random(2)
    width = struct.calcsize(kind)
    found = (struct.unpack(kind, generator.randbytes(width))[0] for _ in range(count * 2))
    return [number for number in found if number == number and abs(number) != float("inf")][:count]


def test_validation_compares_floating_point_numbers_of_mariadb_by_value(
    source: DatabaseServer, rds: DatabaseServer, from_mariadb: tuple[Json, Json], start: Start
) -> None:
    """CAST gives different texts on the two products."""
    pairs = list(zip(list_numbers("<d", 500), list_numbers("<f", 500), strict=True))
    values = ", ".join(f"({number}, {left!r}, {right!r})" for number, (left, right) in enumerate(pairs))
    create_schema(
        source, rds, "CREATE TABLE t (id INT PRIMARY KEY, d DOUBLE, f FLOAT)", f"INSERT INTO t VALUES {values}"
    )
    engine = start(build_job(*from_mariadb, "site"))
    engine.wait_until(is_loaded)
    source.run("INSERT INTO t SELECT id + 1000, d * 3, f FROM t WHERE ABS(d) < 1e300", schema="site")
    engine.wait_until(lambda r: engine.read_table("t")["counters"].get("AppliedInserts", 0) > 400 and is_validated(r))
    # Validation finds a change of the last bit
    rds.run("UPDATE site.t SET d = d * (1 + 2.3e-16) WHERE id = 1")
    source.run("UPDATE site.t SET f = f / 2 WHERE id = 1")
    engine.wait_until(lambda _: engine.read_table("t")["validation"].get("state") == "Mismatched records")
    engine.stop()


def test_an_alter_table_of_mariadb_truncates_fractions_of_seconds_on_mysql_too(
    source: DatabaseServer, rds: DatabaseServer, from_mariadb: tuple[Json, Json], start: Start
) -> None:
    create_schema(
        source, rds, "CREATE TABLE t (id INT PRIMARY KEY, made DATETIME(6), spent TIME(6))",
        ("INSERT INTO t VALUES (1, '2024-12-31 23:59:59.999999', '-00:00:00.999999'), (2, '2024-02-29 12:00:00.5',"
        " '838:59:58.5')"),
    )  # fmt: skip
    engine = start(build_job(*from_mariadb, "site"))
    engine.wait_until(is_loaded)
    source.run("ALTER TABLE t MODIFY made DATETIME, MODIFY spent TIME(2)", schema="site")
    engine.wait_until(lambda r: engine.read_table("t")["counters"].get("AppliedDdls") == 1 and is_validated(r))
    engine.stop()
    assert rds.query("SELECT CAST(made AS CHAR) FROM site.t ORDER BY id")[0] == ("2024-12-31 23:59:59",)
    assert rds.digest("site") == source.digest("site")


def test_a_table_created_from_a_query_is_replicated_with_its_rows(
    mysql: DatabaseServer, rds: DatabaseServer, from_mysql: tuple[Json, Json], start: Start
) -> None:
    """Both products log the statement inside the transaction of its rows."""
    create_schema(mysql, rds, "CREATE TABLE t (a INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)")
    engine = start(build_job(*from_mysql, "site"))
    engine.wait_until(is_loaded)
    mysql.run("CREATE TABLE u (PRIMARY KEY (a)) SELECT a FROM t", "INSERT INTO u VALUES (3)", schema="site")
    engine.wait_until(lambda _: engine.read_table("u")["counters"].get("AppliedInserts") == 3)
    engine.stop()
    assert rds.digest("site") == mysql.digest("site")


def test_a_change_that_is_logged_before_it_is_visible_is_no_mismatch(
    source: DatabaseServer, rds: DatabaseServer, from_mariadb: tuple[Json, Json], start: Start
) -> None:
    # Given a source that logs a transaction and makes its rows visible only after an acknowledgement of a replica, or
    # after two seconds
    create_schema(source, rds, "CREATE TABLE t (id INT PRIMARY KEY, b INT)", "INSERT INTO t VALUES (1, 1)")
    engine = start(build_job(*from_mariadb, "site"))
    engine.wait_until(lambda report: is_loaded(report) and is_validated(report))
    source.run(
        "SET GLOBAL rpl_semi_sync_master_timeout = 2000",
        "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC",
        "SET GLOBAL rpl_semi_sync_master_enabled = ON",
    )
    try:
        # When a row changes, and the change is on the target long before it is visible on the source
        source.run("UPDATE t SET b = 2", schema="site")
    finally:
        source.run("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    # Then validation has never counted the row as different
    engine.wait_until(is_validated)
    assert rds.query("SELECT COUNT(*) FROM awsdms_control.awsdms_validation_failures_v1") == [(0,)]
    engine.stop()
