"""The freeze of a managed server, by an administrator without SUPER.

The site's schemas are closed, the binary log proves it, and they are opened again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pymysql
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.adopt.markers import MarkersState
from cutover_site.adopt.server_markers import ServerMarkers
from cutover_site.config import Administrator
from cutover_site.database import lockout, managed_facts, managed_freeze, source_facts
from cutover_site.database.connections import (
    Connection,
    DatabaseUnreachable,
    connect,
    execute,
    fetch_rows,
    fetch_value,
)
from cutover_site.database.login import DatabaseLogin
from cutover_site.database.positions import read_binlog_position
from cutover_site.database.written_key_ranges import find_written_key_ranges
from cutover_site.database.written_tables import WrittenTables, find_written_tables
from cutover_site.errors import Refused, SiteError
from cutover_site.existing.findings import WARNING
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress
from cutover_site.existing.managed_server import OpenServer, check_managed_server, open_by_file, open_by_secret
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.managed import (
    DYNAMIC,
    MASTER,
    PRIVILEGES,
    beat,
    build_master_login,
    make_managed,
)
from tests.rehearsal.database_servers.products import MYSQL
from tests.rehearsal.database_servers.server import PASSWORD, SOURCE_OPTIONS, DatabaseServer, running

pytestmark = pytest.mark.rehearsal

APPLICATION, OTHER = "gogs", "tenant"


@pytest.fixture(scope="module")
def rds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with running(MYSQL, tmp_path_factory.mktemp("managed"), *SOURCE_OPTIONS, tls=True) as server:
        yield server


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture
def master(rds: DatabaseServer) -> Iterator[Connection]:
    """Return a connection of the master account to a server with the site, and with a schema of another application."""
    make_managed(rds)
    for schema in ("gogs", "cutover", "other"):
        rds.run(f"DROP DATABASE IF EXISTS {schema}", f"CREATE DATABASE {schema}")
    rds.run(
        "CREATE TABLE cutover.marker (run_id VARCHAR(64) PRIMARY KEY, written_unix BIGINT)",
        "CREATE TABLE gogs.action (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
        "CREATE TABLE other.thing (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
    )
    for user, schema in ((APPLICATION, "gogs"), (OTHER, "other")):
        rds.run(
            f"DROP USER IF EXISTS {user}@'%'",
            f"CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT ALL PRIVILEGES ON {schema}.* TO {user}@'%'",
        )
    with connect(build_master_login(rds)) as connection:
        yield connection
    rds.run("ALTER DATABASE `gogs` READ ONLY = 0")


@pytest.fixture
def application(rds: DatabaseServer, master: Connection) -> Iterator[Connection]:
    """Return a connection of the application, opened before the freeze."""
    assert master
    with connect(rds.build_login(APPLICATION, PASSWORD)) as connection:
        yield connection


def write(connection: Connection, schema: str = "gogs.action") -> str:
    """Write a row. Return the error of the server, or an empty text."""
    try:
        execute(connection, f"INSERT INTO {schema} (v) VALUES (1)")
    except pymysql.err.MySQLError as error:
        return str(error.args[-1])
    return ""


def test_the_site_is_read_and_nobody_writes_it_until_the_thaw(
    rds: DatabaseServer, master: Connection, application: Connection, layout: Layout
) -> None:
    assert write(application) == ""
    position, ended = managed_freeze.stop_writes(master, layout, "r1")

    assert (ended, lockout.read_lockout(layout).marker) == (0, str(position))
    for connection in (application, master, rds.connect_root()):
        assert "read only" in write(connection)
        assert fetch_value(connection, "SELECT COUNT(*) FROM gogs.action") == 1
    managed_freeze.prove_closed(master, layout, "r1")

    managed_freeze.resume_writes(master, layout)
    managed_freeze.resume_writes(master, layout)

    assert write(application) == ""
    assert not layout.database_lockout.exists()


def test_a_freeze_is_repeated_with_one_marker_and_survives_a_restart(
    rds: DatabaseServer, master: Connection, layout: Layout
) -> None:
    first, _ = managed_freeze.stop_writes(master, layout, "r1")
    again, _ = managed_freeze.stop_writes(master, layout, "r1")
    assert again == first
    rds.stop(kill=True)
    rds.start()
    with connect(build_master_login(rds)) as later, connect(rds.build_login(APPLICATION, PASSWORD)) as application:
        managed_freeze.prove_closed(later, layout, "r1")
        assert "read only" in write(application)
        managed_freeze.resume_writes(later, layout)


def test_an_interrupted_freeze_is_undone(master: Connection, application: Connection, layout: Layout) -> None:
    lockout.write_lockout(layout, lockout.Lockout(schemas=("gogs",)))
    managed_freeze.resume_writes(master, layout)  # before the schema was closed
    lockout.write_lockout(layout, lockout.Lockout(schemas=("gogs",)))
    execute(master, "ALTER DATABASE `gogs` READ ONLY = 1")
    managed_freeze.resume_writes(master, layout)
    assert write(application) == ""


@pytest.mark.parametrize("as_statement", [False, True])
def test_writes_of_the_service_and_of_other_schemas_are_no_writes_of_the_site(
    rds: DatabaseServer, master: Connection, layout: Layout, *, as_statement: bool
) -> None:
    managed_freeze.stop_writes(master, layout, "r1")
    beat(rds, as_statement=as_statement)
    with connect(rds.build_login(OTHER, PASSWORD)) as tenant:
        assert write(tenant, "other.thing") == ""
    managed_freeze.prove_closed(master, layout, "r1")


@pytest.mark.parametrize("is_closed_again", [False, True])
def test_a_writer_that_opened_the_schema_is_found(
    master: Connection, application: Connection, layout: Layout, *, is_closed_again: bool
) -> None:
    managed_freeze.stop_writes(master, layout, "r1")
    execute(application, "ALTER DATABASE `gogs` READ ONLY = 0")
    if is_closed_again:
        execute(application, "ALTER DATABASE `gogs` READ ONLY = 1")
    with pytest.raises(SiteError, match="written to after it was closed" if is_closed_again else "not closed"):
        managed_freeze.prove_closed(master, layout, "r1")


def test_a_statement_of_anybody_after_the_marker_is_found(
    rds: DatabaseServer, master: Connection, layout: Layout
) -> None:
    managed_freeze.stop_writes(master, layout, "r1")
    rds.run("CREATE TABLE other.late (id INT PRIMARY KEY)")
    with pytest.raises(SiteError, match="1 statements"):
        managed_freeze.prove_closed(master, layout, "r1")


def test_an_open_transaction_is_waited_for_and_then_ended(
    master: Connection, application: Connection, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(managed_freeze, "LOCK_WAIT_SECONDS", 1)
    execute(application, "START TRANSACTION")
    execute(application, "INSERT INTO gogs.action (v) VALUES (1)")

    _, ended = managed_freeze.stop_writes(master, layout, "r1")

    assert ended == 1
    assert fetch_value(master, "SELECT COUNT(*) FROM gogs.action") == 0


def test_a_long_read_does_not_keep_the_site_closed(
    master: Connection, application: Connection, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup reads for hours in one transaction."""
    monkeypatch.setattr(managed_freeze, "LOCK_WAIT_SECONDS", 1)
    managed_freeze.stop_writes(master, layout, "r1")
    execute(application, "START TRANSACTION")
    assert fetch_rows(application, "SELECT * FROM gogs.action") == []

    managed_freeze.resume_writes(master, layout)

    assert managed_freeze.list_closed(master, ["gogs"]) == []
    assert not layout.database_lockout.exists()


def test_a_transaction_that_ends_by_itself_is_kept(master: Connection, application: Connection, layout: Layout) -> None:
    execute(application, "START TRANSACTION")
    execute(application, "INSERT INTO gogs.action (v) VALUES (1)")
    committing = threading.Timer(0.5, application.commit)
    committing.start()

    _, ended = managed_freeze.stop_writes(master, layout, "r1")

    committing.join()
    assert ended == 0
    assert fetch_value(master, "SELECT COUNT(*) FROM gogs.action") == 1


@pytest.mark.parametrize("dynamic", [DYNAMIC, "APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN"])
def test_a_prepared_transaction_refuses_the_freeze_before_any_change(
    rds: DatabaseServer, master: Connection, layout: Layout, dynamic: str
) -> None:
    """Before 8.0.36 the master account of RDS may not list prepared transactions; InnoDB shows them."""
    assert master
    make_managed(rds, dynamic=dynamic)
    with connect(rds.build_login(APPLICATION, PASSWORD)) as writer:
        for statement in (
            "XA START 'late'",
            "INSERT INTO gogs.action (v) VALUES (1)",
            "XA END 'late'",
            "XA PREPARE 'late'",
        ):
            execute(writer, statement)
    try:
        with connect(build_master_login(rds)) as connection:
            deadline = time.monotonic() + 10
            while not rds.query("XA RECOVER") and time.monotonic() < deadline:
                time.sleep(0.05)
            with pytest.raises(Refused, match="prepared XA transactions are open"):
                managed_freeze.stop_writes(connection, layout, "r1")
        assert not layout.database_lockout.exists()
    finally:
        rds.run("XA ROLLBACK 'late'")


def test_another_server_behind_the_name_proves_nothing(master: Connection, layout: Layout) -> None:
    managed_freeze.stop_writes(master, layout, "r1")
    found = lockout.read_lockout(layout)
    lockout.write_lockout(layout, replace(found, server="another"))
    with pytest.raises(SiteError, match="another database server"):
        managed_freeze.prove_closed(master, layout, "r1")


def test_a_schema_that_somebody_else_closed_is_refused_and_stays_closed(master: Connection, layout: Layout) -> None:
    execute(master, "ALTER DATABASE `gogs` READ ONLY = 1")
    with pytest.raises(Refused, match="read-only already") as refused:
        managed_freeze.stop_writes(master, layout, "r1")
    assert refused.value.next_action.endswith("ALTER DATABASE `gogs` READ ONLY = 0")
    managed_freeze.resume_writes(master, layout)
    assert managed_freeze.list_closed(master, ["gogs"]) == ["gogs"]


def test_what_the_freeze_logs_is_no_write_of_the_site(
    rds: DatabaseServer, master: Connection, application: Connection, layout: Layout
) -> None:
    """Otherwise every window would compare whole tables."""
    since = read_binlog_position(master)
    assert write(application) == ""
    managed_freeze.stop_writes(master, layout, "r1")
    with connect(build_master_login(rds), streaming=True) as connection:
        found = find_written_tables(connection, since, PROFILE.database)
    assert found == WrittenTables(frozenset({"action"}), 0, 1)


def test_the_tool_of_the_log_gets_the_login_without_a_file_or_an_argument(
    rds: DatabaseServer, master: Connection, application: Connection, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "a\"b\\c#d'e"
    with rds.connect_root() as root:
        execute(root, f"ALTER USER {MASTER}@'%%' IDENTIFIED BY %s", (password,))
    since = read_binlog_position(master)
    assert write(application) == write(application) == ""
    monkeypatch.setenv("PATH", str(rds.product.install_binary_log_tool(rds.folder)), prepend=":")
    login = replace(build_master_login(rds), password=password)

    assert find_written_key_ranges(master, layout, since, "gogs", {"action"}, login) == {"action": [(1, 2)]}


NEEDED = "24 hours are needed: CALL mysql.rds_set_configuration('binlog retention hours', 48)"


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        (None, f"RDS removes the binary log as soon as it can, {NEEDED}"),
        ("6", f"RDS keeps the binary log for 6 hours, {NEEDED}"),
        ("24", ""),
    ],
)
def test_the_retention_of_rds_is_read_by_its_procedure(
    rds: DatabaseServer, master: Connection, hours: str | None, sentence: str
) -> None:
    with rds.connect_root("mysql") as root:
        execute(root, "UPDATE rds_configuration SET value = %s", (hours,))
    assert source_facts.read_managed_facts(master, PROFILE.database)["managed_problems"] == [sentence] * bool(sentence)


def test_privileges_that_the_administrator_lacks_are_named(rds: DatabaseServer, master: Connection) -> None:
    assert master
    make_managed(rds, PRIVILEGES.replace(" ALTER,", "").replace(" REPLICATION SLAVE,", ""), dynamic="")
    with connect(build_master_login(rds)) as connection:
        (found,) = managed_facts.list_problems(connection, PROFILE.database)
    assert found.startswith("the administrator's account has no REPLICATION SLAVE on *.*, ALTER on gogs.*: ")


def test_an_administrator_who_may_not_read_the_server_is_refused_with_what_it_lacks(
    rds: DatabaseServer, master: Connection
) -> None:
    assert master
    make_managed(rds, "SELECT", dynamic="")
    with (
        connect(build_master_login(rds)) as connection,
        pytest.raises(Refused, match=r"cannot be read .*PROCESS on \*\.\*, REPLICATION CLIENT on \*\.\*"),
    ):
        source_facts.read_managed_facts(connection, PROFILE.database)


def test_without_the_right_to_close_a_schema_nobody_is_disconnected(
    rds: DatabaseServer, master: Connection, application: Connection, layout: Layout
) -> None:
    assert master
    make_managed(rds, PRIVILEGES.replace(" ALTER,", ""))
    execute(application, "START TRANSACTION")
    execute(application, "INSERT INTO gogs.action (v) VALUES (1)")
    with connect(build_master_login(rds)) as connection, pytest.raises(SiteError, match="cannot become read-only"):
        managed_freeze.stop_writes(connection, layout, "r1")
    application.commit()
    assert write(application) == ""


def test_privileges_through_a_role_count(rds: DatabaseServer, master: Connection) -> None:
    assert master
    make_managed(rds, "SELECT", dynamic="")
    rds.run(
        "CREATE ROLE IF NOT EXISTS rds_superuser_role",
        f"GRANT {PRIVILEGES} ON *.* TO rds_superuser_role",
        f"GRANT rds_superuser_role TO {MASTER}@'%'",
        f"SET DEFAULT ROLE ALL TO {MASTER}@'%'",
    )
    with connect(build_master_login(rds)) as connection:
        assert managed_facts.list_problems(connection, PROFILE.database) == []


def check(server: DatabaseServer, open_server: OpenServer) -> dict[str, list[str]]:
    """Return the actions of the findings that stop, by their check."""
    address = DatabaseAddress("127.0.0.1", server.port, "", ("gogs",), APPLICATION)
    _, findings = check_managed_server(Host(Path("/nowhere")), PROFILE.database, address, open_server)
    found: dict[str, list[str]] = {}
    for one in findings:
        if one.level != WARNING:
            found.setdefault(one.check, []).append(one.action)
    return found


def open_as_master(secret: dict[str, str]) -> OpenServer:
    return open_by_secret(lambda _name: secret, Administrator("administrator", "encrypt"))


def test_check_source_reads_the_server_with_a_secret_or_with_a_file(
    rds: DatabaseServer, master: Connection, tmp_path: Path
) -> None:
    assert master
    options = tmp_path / "my.cnf"
    options.write_text(f'[client]\nuser = {MASTER}\npassword = "{PASSWORD}"\n')
    rds.run("GRANT SELECT ON mysql.* TO master@'%'")
    for open_server in (open_as_master({"username": MASTER, "password": PASSWORD}), open_by_file(str(options))):
        assert check(rds, open_server) == {}


def test_check_source_names_where_a_managed_server_is_corrected(rds: DatabaseServer, master: Connection) -> None:
    assert master
    rds.run("SET GLOBAL binlog_row_image = MINIMAL", "UPDATE mysql.rds_configuration SET value = NULL")
    try:
        found = check(rds, open_as_master({"username": MASTER, "password": PASSWORD}))
    finally:
        rds.run("SET GLOBAL binlog_row_image = FULL")
    assert found["managed-database"] == ["CALL mysql.rds_set_configuration('binlog retention hours', 48)"]
    (advice,) = found["binary-log"]
    assert advice.startswith("binlog_row_image = FULL: set it in the parameters of the managed service")


@pytest.mark.parametrize(
    ("secret", "what"),
    [({"username": MASTER, "password": "wrong"}, "let the firewall"), ({"username": MASTER}, "store JSON with")],
)
def test_check_source_never_passes_a_server_that_it_could_not_read(
    rds: DatabaseServer, master: Connection, secret: dict[str, str], what: str
) -> None:
    assert master
    (advice,) = check(rds, open_as_master(secret))["managed-database"]
    assert advice.startswith(what)


def test_the_table_of_the_markers_is_created_and_removed(
    rds: DatabaseServer, master: Connection, layout: Layout
) -> None:
    execute(master, "DROP DATABASE cutover")
    markers = ServerMarkers(layout, lambda: build_master_login(rds))
    markers.create()
    assert markers.read() == MarkersState(has_schema=True, has_table=True)
    assert markers.remove(with_schema=True) == []
    assert markers.read() == MarkersState(has_schema=False, has_table=False)


def test_a_certificate_that_the_system_does_not_trust_is_refused(rds: DatabaseServer) -> None:
    login = DatabaseLogin("localhost", rds.port, MASTER, PASSWORD, verify=True, encrypted=True)
    with pytest.raises(DatabaseUnreachable, match="certificate"), connect(login):
        pass


def test_the_master_account_of_this_test_has_no_privilege_that_rds_does_not_give(master: Connection) -> None:
    for statement in ("SET GLOBAL read_only = ON", "SET SESSION sql_log_bin = 0"):
        with pytest.raises(pymysql.err.MySQLError, match="Access denied"):
            execute(master, statement)
    assert fetch_rows(master, "SHOW GRANTS")
