"""The freeze of a managed server: the site's schemas are closed, nobody writes, and they are opened again."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from cutover_site.database import lockout, managed_freeze
from cutover_site.database.connections import Connection, connect, execute, fetch_rows, fetch_value
from cutover_site.errors import Refused, SiteError
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.managed import DYNAMIC, build_master_login, make_managed
from tests.rehearsal.database_servers.server import PASSWORD, DatabaseServer
from tests.rehearsal.site.managed_server.accounts import APPLICATION, write

pytestmark = pytest.mark.rehearsal


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
