"""A task goes on from the position that lies on its servers' disks, whatever it did since they were kept."""

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


def test_a_task_goes_back_with_its_servers(
    source: DatabaseServer,
    target: DatabaseServer,
    api: Api,
    tmp_path: Path,
) -> None:
    """Given both servers' data of a stopped task, when it has gone on and they go back, then it follows from there."""
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
        writer.after(100)
        api.dms.control.handle({"order": "halt", "task": site.task})
    for server in (source, target):
        server.stop(kill=True)
        shutil.rmtree(server.folder / "data")
        shutil.copytree(tmp_path / f"kept-{server.server_id}", server.folder / "data")
        server.start()

    resume(site)

    assert source.digest("site") == kept
    # The source's new log begins with events that are no transactions: a stop is over as soon as they are read.
    began = time.monotonic()
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    wait_until(lambda: site.describe()["Status"] == "stopped")
    assert time.monotonic() - began < STOP_SECONDS / 3
    resume(site)
    source.run("UPDATE site.account SET balance = 77 WHERE id = 3")
    wait_until(lambda: target.ask("SELECT balance FROM site.account WHERE id = 3") == [(77,)])
    wait_until(lambda: all(table["ValidationState"] == "Validated" for table in site.tables().values()))
    assert target.digest("site") == source.digest("site")


def resume(site: Site) -> None:
    site.api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType="resume-processing")
    wait_until(lambda: site.describe()["Status"] == "running")
