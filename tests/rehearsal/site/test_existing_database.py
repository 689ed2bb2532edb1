"""`check-source` against real servers that somebody else set up: all that is wrong at once, and no change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.existing.database_server import check_server, find_socket, is_local
from cutover_site.existing.findings import STOPS, WARNING, Finding
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress
from cutover_site.existing.listeners import Listener, find_listeners

from tests.rehearsal.database_servers.products import PRODUCTS
from tests.rehearsal.database_servers.server import DatabaseServer, running

pytestmark = pytest.mark.rehearsal
FORGE = DatabaseAddress("", 0, "", ("forge",), "forge")
BAD = (
    "--log-bin=binlog",
    "--binlog-format=STATEMENT",
    "--binlog-row-image=MINIMAL",
    "--binlog-expire-logs-seconds=3600",
)
CONTENT = (
    "CREATE DATABASE forge CHARACTER SET utf8mb4",
    "CREATE TABLE forge.user (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40)) ENGINE=InnoDB",
    "INSERT INTO forge.user (name) VALUES ('alice')",
    "CREATE TABLE forge.without (name VARCHAR(40))",
    "CREATE TABLE forge.old (id INT PRIMARY KEY) ENGINE=MyISAM",
    "CREATE VIEW forge.names AS SELECT name FROM forge.user",
    "CREATE TRIGGER forge.rename_user BEFORE UPDATE ON forge.user FOR EACH ROW SET NEW.name = UPPER(NEW.name)",
)


@pytest.fixture(scope="module", params=PRODUCTS)
def neglected(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """Run a server of each product with settings and contents that a migration does not accept."""
    with running(request.param, tmp_path_factory.mktemp(request.param), *BAD) as server:
        server.run(*CONTENT)
        yield server


def check(server: DatabaseServer, folder: Path, **options: Any) -> tuple[dict[str, Any], list[Finding]]:
    (folder / "run/mysqld").mkdir(parents=True, exist_ok=True)
    link = folder / "run/mysqld/mysqld.sock"
    if not link.is_symlink():
        link.symlink_to(server.socket)
    return check_server(Host(folder), server.socket, PROFILE.database, options.pop("address", FORGE), **options)


def select(findings: list[Finding], level: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in findings:
        if one.level == level:
            found.setdefault(one.check, []).append(one.what)
    return found


def test_everything_that_is_wrong_with_a_server_is_reported_at_once(neglected: DatabaseServer, tmp_path: Path) -> None:
    facts, findings = check(neglected, tmp_path)

    stops, warnings = select(findings, STOPS), select(findings, WARNING)
    assert stops["binary-log"] == [
        "binlog_format is STATEMENT, not ROW",
        "binlog_row_image is MINIMAL, not FULL",
        "the binary log is kept for 3600 s, 86400 s are needed",
    ]
    assert stops["primary-key"] == ["table forge.without has no primary key"]
    assert stops["database-port"][0].startswith("the server listens at 127.0.0.1 only")
    engine = "has the engine MyISAM" if neglected.is_mysql else "is of engine MyISAM"
    assert any(
        f"table forge.old {engine}" in text for text in warnings["engine" if neglected.is_mysql else "target-changes"]
    )
    assert warnings["not-carried"] == [
        "the view names is not carried over",
        "the trigger rename_user is not carried over",
    ]
    assert "time zone tables are empty" in warnings["time-zone"][0]
    assert "no --replication-user" in warnings["replication-user"][0]
    assert facts["bytes"] > 0
    assert all(one.action for one in findings)


def test_the_check_changes_neither_rows_nor_the_binary_log(neglected: DatabaseServer, tmp_path: Path) -> None:
    state = "SHOW BINARY LOG STATUS" if neglected.is_mysql else "SHOW MASTER STATUS"
    before = neglected.digest("forge"), neglected.query(state), neglected.query("SELECT user, host FROM mysql.user")
    check(neglected, tmp_path, replication_user="nobody")
    assert (
        neglected.digest("forge"),
        neglected.query(state),
        neglected.query("SELECT user, host FROM mysql.user"),
    ) == before


def test_a_server_with_good_settings_has_no_finding_about_them(server: DatabaseServer, tmp_path: Path) -> None:
    server.run("CREATE DATABASE IF NOT EXISTS forge", "CREATE TABLE IF NOT EXISTS forge.user (id INT PRIMARY KEY)")
    _, findings = check(server, tmp_path)
    settings = {
        "binary-log",
        "primary-key",
        "schema",
        "database",
        "database-root",
        "database-version",
        "target-refuses",
    }
    assert not settings & set(select(findings, STOPS))


@pytest.mark.parametrize(
    ("grants", "missing"),
    [
        ((), "REPLICATION CLIENT on *.*, REPLICATION SLAVE on *.*, SELECT on forge"),
        (("REPLICATION CLIENT, REPLICATION SLAVE ON *.*",), "SELECT on forge"),
        (("SELECT, REPLICATION CLIENT ON *.*",), "REPLICATION SLAVE on *.*"),
        (("REPLICATION CLIENT, REPLICATION SLAVE ON *.*", "SELECT ON forge.*"), ""),
        (("ALL PRIVILEGES ON *.*",), ""),
    ],
)
def test_missing_privileges_of_the_replication_are_named(
    neglected: DatabaseServer, tmp_path: Path, grants: tuple[str, ...], missing: str
) -> None:
    neglected.create_account(*grants)
    _, findings = check(neglected, tmp_path, replication_user="dms")
    found = [one.what.partition(" has no ")[2] for one in findings if one.check == "replication-user"]
    assert found == ([missing] if missing else [])


def test_an_account_of_the_replication_that_does_not_exist_is_named(neglected: DatabaseServer, tmp_path: Path) -> None:
    _, findings = check(neglected, tmp_path, replication_user="nobody")
    assert select(findings, STOPS)["replication-user"] == ["the server has no account nobody"]


def test_a_schema_that_does_not_exist_is_named(neglected: DatabaseServer, tmp_path: Path) -> None:
    _, findings = check(neglected, tmp_path, address=DatabaseAddress("", 0, "", ("gogs",), "gogs"))
    assert select(findings, STOPS)["schema"] == ["the server has no schema gogs"]


def test_an_application_that_connects_as_root_is_refused(neglected: DatabaseServer, tmp_path: Path) -> None:
    _, findings = check(neglected, tmp_path, address=DatabaseAddress("", 0, "", ("forge",), "root"))
    assert any("connects to the database as root" in text for text in select(findings, STOPS)["privileges"])


def test_a_socket_elsewhere_is_named(neglected: DatabaseServer, tmp_path: Path) -> None:
    _, findings = check_server(Host(tmp_path), neglected.socket, PROFILE.database, FORGE)
    stops = select(findings, STOPS)
    assert "the freeze connects through /run/mysqld/mysqld.sock" in stops["database-root"][0]
    assert "binary-log" in stops  # the rest is checked all the same


def test_root_with_a_password_is_refused_and_an_administrators_account_reads_the_rest(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Given a server whose root needs a password
    with running(PRODUCTS[0], tmp_path_factory.mktemp("password"), *BAD) as server:
        server.run(*CONTENT)
        server.run("ALTER USER root@localhost IDENTIFIED BY 'only here'")
        options = tmp_path / "admin.cnf"
        options.write_text("[client]\nuser = root\npassword = only here\n")

        # Then the check names it, and with an options file it reports everything else too
        refused = check(server, tmp_path)[1]
        more = check(server, tmp_path, options_file=str(options))[1]

    assert set(select(refused, STOPS)) == {"database-root"}
    assert {"database-root", "binary-log", "primary-key"} <= set(select(more, STOPS))
    assert "only here" not in repr(refused) + repr(more)


def test_the_server_of_a_machine_is_found_by_the_socket_that_it_listens_at(
    neglected: DatabaseServer, tmp_path: Path
) -> None:
    assert neglected.process is not None
    found = [one for one in find_listeners(Host()) if one.address.endswith(str(neglected.socket.name))]
    assert find_socket(Host(tmp_path), [Listener("/x/mysqlx.sock", 0, "mysqld", "", 1)]) is None
    assert find_socket(Host(tmp_path), [Listener(str(neglected.socket), 0, "mariadbd", "", 1)]) == neglected.socket
    assert found


def test_only_an_address_of_this_machine_is_local() -> None:
    assert is_local("localhost")
    assert is_local("127.0.0.1")
    assert not is_local("192.0.2.7")
    assert not is_local("no-such-name.invalid")
