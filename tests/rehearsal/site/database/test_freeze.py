"""The freeze of a real server: it refuses writes, and its marker is the last write."""

from __future__ import annotations

import threading
from pathlib import Path

import pymysql
import pytest
from cutover_site.database import freeze
from cutover_site.database.connections import Connection, connect, execute, fetch_value
from cutover_site.database.writers import end_writers
from cutover_site.errors import SiteError
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.site.database.rows import PASSWORD

pytestmark = pytest.mark.rehearsal


def test_a_frozen_server_refuses_writes_and_its_marker_is_the_last_write(
    root: Connection, server: DatabaseServer, tmp_path: Path
) -> None:
    layout = Layout(tmp_path)
    before, _ = freeze.stop_writes(root, layout, "r1")
    assert all("read_only" in path.read_text() for path in layout.database_freeze)
    assert freeze.has_marker(root, "r1")
    with (
        connect(server.build_login("gogs", PASSWORD)) as user,
        pytest.raises(pymysql.err.OperationalError, match="read-only"),
    ):
        execute(user, "INSERT INTO gogs.webhook VALUES (5, 1)")
    assert freeze.stop_writes(root, layout, "r1")[0] == before
    freeze.resume_writes(root, layout)
    assert not any(path.exists() for path in layout.database_freeze)
    with connect(server.build_login("gogs", PASSWORD)) as user:
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
    with connect(server.build_login("gogs", PASSWORD)) as writer:
        execute(writer, "START TRANSACTION")
        execute(writer, "UPDATE gogs.webhook SET is_active = 0")
        ended: list[int] = []
        thread = threading.Thread(target=lambda: ended.append(end_writers(root, grace_seconds=0.3)))
        thread.start()
        thread.join(20)
        assert ended == [1]
    assert fetch_value(root, "SELECT is_active FROM gogs.webhook") == 1
