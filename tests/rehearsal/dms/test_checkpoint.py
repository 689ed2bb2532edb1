"""A task continues from the position on the disks of its servers, whatever it did after they were copied."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from rehearsal.dms.engine.follow import STOP_SECONDS
from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.test_api import migrate
from tests.rehearsal.dms.writer import Writer
from tests.unit.dms.fakes import Api, Site
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal


def test_a_task_resumes_from_the_restored_disks_of_its_servers(
    source: DatabaseServer,
    target: DatabaseServer,
    api: Api,
    tmp_path: Path,
) -> None:
    """Given copies of both disks of a stopped task, when the task has continued and both disks are restored, then it
    follows the source from there.
    """
    site = migrate(source, target, api)
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    wait_until(lambda: site.describe()["Status"] == "stopped")
    kept = source.digest("site")
    for server in (source, target):
        server.stop(kill=True)
        shutil.copytree(server.folder / "data", tmp_path / f"kept-{server.server_id}")
        server.start()
    resume(site)
    with Writer(source, "site", pause=0.005) as writer:
        writer.wait_for_more(100)
        api.dms.control.handle({"order": "halt", "task": site.task})
    for server in (source, target):
        server.stop(kill=True)
        shutil.rmtree(server.folder / "data")
        shutil.copytree(tmp_path / f"kept-{server.server_id}", server.folder / "data")
        server.start()

    resume(site)

    assert source.digest("site") == kept
    # The new log starts with events that are not transactions. The task stops as soon as it has read them.
    began = time.monotonic()
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    wait_until(lambda: site.describe()["Status"] == "stopped")
    assert time.monotonic() - began < STOP_SECONDS / 3
    resume(site)
    source.run("UPDATE site.account SET balance = 77 WHERE id = 3")
    wait_until(lambda: target.query("SELECT balance FROM site.account WHERE id = 3") == [(77,)])
    wait_until(lambda: all(table["ValidationState"] == "Validated" for table in site.tables().values()))
    assert target.digest("site") == source.digest("site")


def resume(site: Site) -> None:
    site.api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType="resume-processing")
    wait_until(lambda: site.describe()["Status"] == "running")
