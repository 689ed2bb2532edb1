"""The freeze locks every account that can write in spite of read_only, and the thaw unlocks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import freeze, lockout, source_facts
from cutover_site.database.connections import Connection, connect, connect_as_root, execute, fetch_value
from cutover_site.errors import Refused, SiteError
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.marker import render_marker_table

pytestmark = pytest.mark.rehearsal

USERS = ("app@'%'", "member@'%'", "closed@'%'", "small@'%'")
PASSWORD = "of a test"


@pytest.fixture
def layout(server: DatabaseServer, tmp_path: Path) -> Layout:
    return server.build_layout(tmp_path)


@pytest.fixture
def root(layout: Layout) -> Iterator[Connection]:
    with connect_as_root(layout) as connection:
        execute(connection, "SET GLOBAL read_only = OFF")
        for name in ("gogs", "cutover"):
            execute(connection, f"DROP DATABASE IF EXISTS {name}")
            execute(connection, f"CREATE DATABASE {name}")
        execute(connection, render_marker_table())
        execute(connection, "CREATE TABLE gogs.action (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
        for user in USERS:
            execute(connection, f"DROP USER IF EXISTS {user}")
            execute(connection, f"CREATE USER {user} IDENTIFIED BY '{PASSWORD}'")
        execute(connection, "GRANT ALL PRIVILEGES ON gogs.* TO small@'%'")
        execute(connection, "GRANT ALL PRIVILEGES ON *.* TO app@'%'")
        yield connection
        freeze.resume_writes(connection, layout)
        for user in USERS:
            execute(connection, f"DROP USER IF EXISTS {user}")


def write(server: DatabaseServer, user: str) -> str:
    """Write as this user and return the error of the server, or an empty text if the write succeeds."""
    try:
        with connect(server.build_login(user, PASSWORD)) as connection:
            execute(connection, "INSERT INTO gogs.action (v) VALUES (1)")
    except (pymysql.err.MySQLError, SiteError) as error:
        return str(error)
    return ""


def test_an_administrator_cannot_write_from_freeze_to_thaw(
    server: DatabaseServer, root: Connection, layout: Layout
) -> None:
    with connect(server.build_login("app", PASSWORD)) as before:
        execute(before, "INSERT INTO gogs.action (v) VALUES (1)")
        freeze.stop_writes(root, layout, "r1")
        with pytest.raises(pymysql.err.MySQLError):
            execute(before, "INSERT INTO gogs.action (v) VALUES (2)")
    assert write(server, "app")
    assert write(server, "small")
    freeze.prove_closed(root, layout, "r1")
    assert fetch_value(root, "SELECT COUNT(*) FROM gogs.action") == 1

    freeze.resume_writes(root, layout)

    assert write(server, "app") == write(server, "small") == ""
    assert not layout.database_lockout.exists()


def test_a_thaw_unlocks_only_accounts_that_a_freeze_locked_even_an_interrupted_one(
    server: DatabaseServer, root: Connection, layout: Layout
) -> None:
    if server.is_mysql:
        pytest.skip("super_read_only holds every account")
    execute(root, "GRANT ALL PRIVILEGES ON *.* TO closed@'%'")
    execute(root, "ALTER USER closed@'%' ACCOUNT LOCK")
    # Given a freeze that was interrupted after it locked the accounts, and a second freeze
    lockout.lock_writers(root, layout)
    lockout.lock_writers(root, layout)
    freeze.stop_writes(root, layout, "r1")

    freeze.resume_writes(root, layout)

    assert write(server, "app") == ""
    assert "locked" in write(server, "closed")


def test_an_account_with_the_name_of_a_locked_account_still_reads(
    server: DatabaseServer, root: Connection, layout: Layout
) -> None:
    """The name of Gogs's account may also exist for another machine. Gogs must be able to connect again."""
    if server.is_mysql:
        pytest.skip("super_read_only holds every account")
    execute(root, "DROP USER IF EXISTS small@'10.9.9.9'")
    execute(root, "GRANT ALL PRIVILEGES ON *.* TO small@'10.9.9.9'")
    try:
        freeze.stop_writes(root, layout, "r1")
        with connect(server.build_login("small", PASSWORD)) as reading:
            freeze.prove_closed(root, layout, "r1")
            assert fetch_value(reading, "SELECT COUNT(*) FROM gogs.action") == 0
    finally:
        freeze.resume_writes(root, layout)
        execute(root, "DROP USER small@'10.9.9.9'")


def test_an_account_with_the_privilege_through_a_role_is_locked(
    server: DatabaseServer, root: Connection, layout: Layout
) -> None:
    if server.is_mysql:
        pytest.skip("super_read_only holds every account")
    for role in ("boss", "chief"):
        execute(root, f"DROP ROLE IF EXISTS {role}")
        execute(root, f"CREATE ROLE {role}")
    execute(root, "GRANT READ_ONLY ADMIN ON *.* TO chief")
    execute(root, "GRANT chief TO boss")
    execute(root, "GRANT boss TO member@'%'")

    assert "'member'@'%'" in source_facts.read_source_facts(root, PROFILE.database)["accounts_to_lock"]
    freeze.stop_writes(root, layout, "r1")

    assert "locked" in write(server, "member")
    freeze.resume_writes(root, layout)
    for role in ("boss", "chief"):
        execute(root, f"DROP ROLE {role}")


def test_a_routine_with_the_privileges_of_an_administrator_is_found_before_and_in_the_window(
    server: DatabaseServer, root: Connection, layout: Layout
) -> None:
    """A lock of the definer's account does not stop a routine that another account calls."""
    for name, security in (("tidy", "DEFINER"), ("harmless", "INVOKER")):
        execute(root, f"DROP PROCEDURE IF EXISTS gogs.{name}")
        execute(
            root,
            f"CREATE DEFINER=app@'%' PROCEDURE gogs.{name}() SQL SECURITY {security}"
            " INSERT INTO gogs.action (v) VALUES (9)",
        )
    found = source_facts.read_source_facts(root, PROFILE.database)["definer_routines"]
    freeze.stop_writes(root, layout, "r1")
    try:
        with connect(server.build_login("small", PASSWORD)) as caller:
            with pytest.raises(pymysql.err.MySQLError):
                execute(caller, "CALL gogs.harmless()")
            if server.is_mysql:
                assert found == []
                with pytest.raises(pymysql.err.MySQLError):
                    execute(caller, "CALL gogs.tidy()")
                return
            assert found == ["procedure gogs.tidy of app@%"]
            execute(caller, "CALL gogs.tidy()")
        with pytest.raises(SiteError, match="was written to after it was closed"):
            freeze.prove_closed(root, layout, "r1")
    finally:
        freeze.resume_writes(root, layout)


def test_a_privilege_of_public_blocks_the_freeze_before_any_change(
    server: DatabaseServer, root: Connection, layout: Layout
) -> None:
    if server.is_mysql:
        pytest.skip("MySQL has no grants to PUBLIC")
    execute(root, "GRANT READ_ONLY ADMIN ON *.* TO PUBLIC")
    try:
        with pytest.raises(Refused, match="FROM PUBLIC"):
            freeze.stop_writes(root, layout, "r1")
        assert not freeze.is_read_only(root)
    finally:
        execute(root, "REVOKE READ_ONLY ADMIN ON *.* FROM PUBLIC")


def test_the_event_scheduler_is_off_while_the_server_is_frozen(
    server: DatabaseServer, root: Connection, layout: Layout
) -> None:
    execute(root, "SET GLOBAL event_scheduler = ON")
    freeze.stop_writes(root, layout, "r1")
    assert str(fetch_value(root, "SELECT @@GLOBAL.event_scheduler")) == "OFF"
    freeze.stop_writes(root, layout, "r1")
    freeze.resume_writes(root, layout)
    assert str(fetch_value(root, "SELECT @@GLOBAL.event_scheduler")) == "ON"
    execute(root, "SET GLOBAL event_scheduler = OFF")
    freeze.stop_writes(root, layout, "r2")
    freeze.resume_writes(root, layout)
    assert str(fetch_value(root, "SELECT @@GLOBAL.event_scheduler")) == "OFF"
    assert write(server, "small") == ""


def test_a_thaw_starts_the_event_scheduler_after_a_restart_during_the_freeze(
    root: Connection, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restart(connection: Connection, statement: str, *arguments: tuple[object, ...]) -> int:
        """Simulate a restart at SET read_only: the settings file of the freeze turns the event scheduler off."""
        if statement != "SET GLOBAL read_only = ON":
            return execute(connection, statement, *arguments)
        execute(root, "SET GLOBAL event_scheduler = OFF")
        raise SiteError("the server went away")

    execute(root, "SET GLOBAL event_scheduler = ON")
    with monkeypatch.context() as patch:
        patch.setattr(freeze, "execute", restart)
        with pytest.raises(SiteError, match="went away"):
            freeze.stop_writes(root, layout, "r1")

    freeze.resume_writes(root, layout)

    assert str(fetch_value(root, "SELECT @@GLOBAL.event_scheduler")) == "ON"
    execute(root, "SET GLOBAL event_scheduler = OFF")


def test_a_prepared_transaction_blocks_the_freeze_and_is_named(root: Connection, layout: Layout) -> None:
    with connect_as_root(layout) as holder:
        execute(holder, "XA START 'transfer'")
        execute(holder, "INSERT INTO gogs.action (v) VALUES (1)")
        execute(holder, "XA END 'transfer'")
        execute(holder, "XA PREPARE 'transfer'")
    try:
        assert source_facts.read_source_facts(root, PROFILE.database)["prepared_transactions"] == ["transfer"]
        with pytest.raises(Refused, match="transfer"):
            freeze.stop_writes(root, layout, "r1")
        assert not freeze.is_read_only(root)
    finally:
        execute(root, "XA ROLLBACK 'transfer'")
    freeze.stop_writes(root, layout, "r1")


def test_a_write_after_the_marker_is_found(root: Connection, layout: Layout) -> None:
    freeze.stop_writes(root, layout, "r1")
    execute(root, "FLUSH BINARY LOGS")
    freeze.prove_closed(root, layout, "r1")
    # When the administrator of the machine opens the server and writes
    execute(root, "SET GLOBAL read_only = OFF")
    execute(root, "INSERT INTO gogs.action (v) VALUES (1)")
    with pytest.raises(SiteError, match="not closed"):
        freeze.prove_closed(root, layout, "r1")
    execute(root, "SET GLOBAL read_only = ON")
    with pytest.raises(SiteError, match="written to after"):
        freeze.prove_closed(root, layout, "r1")
    with pytest.raises(SiteError, match="written to after"):
        freeze.stop_writes(root, layout, "r1")
    with pytest.raises(SiteError, match="not closed by run r2"):
        freeze.prove_closed(root, layout, "r2")


def test_cascading_foreign_keys_are_listed(root: Connection) -> None:
    execute(
        root,
        (
            "CREATE TABLE gogs.watch (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES gogs.action (id) ON DELETE"
            " CASCADE)"
        ),
    )
    execute(root, "CREATE TABLE gogs.star (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES gogs.action (id))")
    assert source_facts.read_source_facts(root, PROFILE.database)["cascades"] == ["action -> watch"]
