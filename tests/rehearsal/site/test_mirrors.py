"""Gogs's own table shows which mirrors Gogs may fetch soon."""

from __future__ import annotations

import time

import pytest
from cutover_site.database.connections import execute
from cutover_site.gogs.background import HORIZON_SECONDS, count_due_mirrors

from tests.rehearsal.database_servers.server import DatabaseServer

pytestmark = pytest.mark.rehearsal


def test_due_mirrors_and_soon_due_mirrors_are_counted(server: DatabaseServer) -> None:
    now = int(time.time())
    with server.connect_root() as root:
        execute(root, "DROP DATABASE IF EXISTS gogs")
        execute(root, "CREATE DATABASE gogs")
        execute(root, "CREATE TABLE gogs.mirror (id BIGINT AUTO_INCREMENT PRIMARY KEY, next_update_unix BIGINT)")
        assert count_due_mirrors(root, HORIZON_SECONDS, "gogs") == count_due_mirrors(root, None, "gogs") == 0
        execute(root, "INSERT INTO gogs.mirror (next_update_unix) VALUES (%s)", (now + 8 * 3600,))
        assert (count_due_mirrors(root, HORIZON_SECONDS, "gogs"), count_due_mirrors(root, None, "gogs")) == (0, 1)
        execute(root, "INSERT INTO gogs.mirror (next_update_unix) VALUES (%s)", (now + HORIZON_SECONDS - 60,))
        execute(root, "INSERT INTO gogs.mirror (next_update_unix) VALUES (5)")
        assert (count_due_mirrors(root, HORIZON_SECONDS, "gogs"), count_due_mirrors(root, None, "gogs")) == (2, 3)
