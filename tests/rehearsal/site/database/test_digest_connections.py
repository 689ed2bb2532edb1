"""Digests on several connections to a real server: one snapshot, complete, and no connection is left open."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import schema
from cutover_site.database.connection_group import connect_several
from cutover_site.database.connections import Connection, execute, fetch_value
from cutover_site.database.digest import digest_tables
from cutover_site.errors import NotChecked

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.site.database.rows import PASSWORD, read_digests

pytestmark = pytest.mark.rehearsal


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
    schema.grant_access(root, PROFILE.database, "gogs", PASSWORD)
    with connect_several(server.build_login("gogs", PASSWORD), 3) as connections:
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
    with connect_several(server.build_login("gogs", PASSWORD), 2) as connections:
        assert len(connections) == 1
        found = digest_tables(connections, "gogs", ["issue"])["issue"]
    assert (found.rows, found.digest) == read_digests(root, "gogs", "issue")["issue"]
