"""The scratch copy of a real schema."""

from __future__ import annotations

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import scratch
from cutover_site.database.connections import Connection, execute, fetch_value

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.site.database.rows import PASSWORD, ROWS, read_digests

pytestmark = pytest.mark.rehearsal


def test_the_scratch_copy_is_equal_and_has_its_outbound_work_disabled(root: Connection, server: DatabaseServer) -> None:
    copied = scratch.copy(server.build_login("gogs", PASSWORD), PROFILE.database)
    assert copied["issue"] == len(ROWS)
    names = ("issue", "lfs_object")
    assert read_digests(root, "gogs", *names) == read_digests(root, "gogs_scratch", *names)
    assert fetch_value(root, "SELECT is_active FROM gogs_scratch.webhook") == 0
    assert fetch_value(root, "SELECT is_delivered FROM gogs_scratch.hook_task") == 1
    assert fetch_value(root, "SELECT next_update_unix FROM gogs_scratch.mirror") > 32_000_000_000
    assert fetch_value(root, "SELECT is_active FROM gogs.webhook") == 1


def test_a_second_scratch_copy_replaces_the_first(root: Connection, server: DatabaseServer) -> None:
    scratch.copy(server.build_login("gogs", PASSWORD), PROFILE.database)
    execute(root, "INSERT INTO gogs_scratch.webhook VALUES (99, 1)")
    assert scratch.copy(server.build_login("gogs", PASSWORD), PROFILE.database)["webhook"] == 1
