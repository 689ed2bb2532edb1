"""The binary log of a managed server proves that nobody wrote after the marker."""

from __future__ import annotations

from dataclasses import replace

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import managed_freeze
from cutover_site.database.connections import Connection, connect, execute
from cutover_site.database.positions import read_binlog_position
from cutover_site.database.written_key_ranges import find_written_key_ranges
from cutover_site.database.written_tables import WrittenTables, find_written_tables
from cutover_site.errors import SiteError
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.managed import MASTER, beat, build_master_login
from tests.rehearsal.database_servers.server import PASSWORD, DatabaseServer
from tests.rehearsal.site.managed_server.accounts import OTHER, write

pytestmark = pytest.mark.rehearsal


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
