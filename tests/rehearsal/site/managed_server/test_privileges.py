"""What the administrator of a managed server may do, and what is named when it may not."""

from __future__ import annotations

import pymysql
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.adopt.markers import MarkersState
from cutover_site.adopt.server_markers import ServerMarkers
from cutover_site.database import managed_facts, managed_freeze, source_facts
from cutover_site.database.connections import Connection, DatabaseUnreachable, connect, execute, fetch_rows
from cutover_site.database.login import DatabaseLogin
from cutover_site.errors import Refused, SiteError
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.managed import MASTER, PRIVILEGES, build_master_login, make_managed
from tests.rehearsal.database_servers.server import PASSWORD, DatabaseServer
from tests.rehearsal.site.managed_server.accounts import write

pytestmark = pytest.mark.rehearsal


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
