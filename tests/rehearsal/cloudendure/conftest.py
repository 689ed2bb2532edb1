"""A pool and one mounted, writable disk, which is all that the console needs of a source machine. No machine boots
here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from rehearsal.cloudendure.app import create_app
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.console import Console
from rehearsal.world import disks
from rehearsal.world.pool import close_pool, open_pool
from rehearsal.world.shell import run
from tests.unit.cloudendure.fakes import Client, FakeCloud

SIZE = 512 << 20
INSTANCE = "i-1"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[ConsoleSettings]:
    if os.geteuid() != 0:
        pytest.fail("needs root: disks are mounted")
    loaded = ConsoleSettings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PORT": "4660"})
    open_pool(loaded.world)
    # Replication runs only when a test calls Replication.sync, so that the test controls the order.
    yield replace(loaded, sync_interval=600.0, agent_timeout=3600.0, boot_timeout=2.0)
    close_pool(loaded.world)


@pytest.fixture
def source(settings: ConsoleSettings) -> Iterator[Path]:
    """Mount the source's disk, with a few megabytes of data, and return its mount point."""
    disk, mount = settings.world.pool / "volumes" / f"{INSTANCE}.raw", settings.world.mounts / INSTANCE
    with disk.open("wb") as file:
        file.truncate(SIZE)
    run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", disk)
    disks.mount(disk, mount)
    (mount / "etc/systemd/system").mkdir(parents=True)
    (mount / "data").write_bytes(os.urandom(24 << 20))
    yield mount
    disks.unmount(mount)


class Bench:
    """A console on the pool, with a client that is logged in and one registered machine. A test can restart it."""

    def __init__(self, settings: ConsoleSettings, cloud: FakeCloud) -> None:
        self.settings, self.cloud = settings, cloud
        self.open()
        self.machine = str(self.client.install_agent(instance=INSTANCE)["machineId"])

    def open(self) -> None:
        self.console = Console(self.settings, self.cloud)
        self.console.start()
        credentials = json.loads((self.settings.folder / "credentials.json").read_text())
        self.http: FlaskClient = create_app(self.console).test_client()
        self.client = Client(self.http, credentials)
        self.client.login()

    def restart(self) -> None:
        self.console.end()
        self.open()

    def sync(self) -> bool:
        return self.console.replication.sync(self.machine, timeout=120)

    def read_info(self) -> dict[str, Any]:
        machine: dict[str, Any] = self.client.in_project("GET", f"/machines/{self.machine}").json or {}
        return dict(machine["replicationInfo"])

    def record(self) -> dict[str, Any]:
        """Return the rehearsal's own record of the machine's replication."""
        return dict((self.http.get("/_rehearsal/replication").json or {})["machines"][0])

    def locate_point(self) -> Path:
        return self.console.replication.get_replica(self.machine).locate_point(self.record()["current"])

    def locate_base(self) -> Path:
        return self.console.replication.get_replica(self.machine).locate_base(self.record()["current"])


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud()


@pytest.fixture
def bench(settings: ConsoleSettings, source: Path, cloud: FakeCloud) -> Iterator[Bench]:
    assert source.exists()
    made = Bench(settings, cloud)
    yield made
    made.console.end()
