"""MGN's engine with real blocks: a pool and one mounted disk. No machine boots here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.aws.faults.kinds import Faults
from rehearsal.aws.mgn.checkpoint import Checkpoint
from rehearsal.aws.mgn.engine import CONVERSION, BlockEngine
from rehearsal.aws.mgn.jobs import Jobs
from rehearsal.aws.mgn.models import SourceServer
from rehearsal.aws.mgn.responses import determine_replication_state
from rehearsal.aws.mgn.source import Machine
from rehearsal.aws.mgn.stalls import Stalls
from rehearsal.aws.mgn.state import State
from rehearsal.aws.mgn.timers import Timers
from rehearsal.replication_engine.conversion import WANTED
from rehearsal.replication_engine.dates import now
from rehearsal.replication_engine.ports import EngineSettings
from rehearsal.replication_engine.source import find_source
from rehearsal.settings import Settings
from rehearsal.world import disks
from rehearsal.world.pool import close_pool, open_pool
from rehearsal.world.shell import run
from tests.rehearsal.cloudendure.test_replication import is_same
from tests.unit.cloudendure.fakes import FakeCloud

pytestmark = pytest.mark.rehearsal
SIZE = 256 << 20
INSTANCE = "i-1"


class Silent:
    """Gets the events of this test."""

    def send_stall(self, server: SourceServer, *, stalled: bool) -> None: ...


class Looking(FakeCloud):
    """Looks at the disk of the image."""

    def __init__(self, look: Path) -> None:
        super().__init__()
        self._look, self.seen = look, dict[str, object]()

    def make_image(self, name: str, disk: Path) -> str:
        disks.mount(disk, self._look)
        try:
            self.seen = {
                "agent": (self._look / CONVERSION.agent_folder).exists(),
                "unit": (self._look / WANTED / CONVERSION.unit).is_file(),
                "late": (self._look / "late").exists(),
                "pending": json.loads((self._look / CONVERSION.folder / "pending.json").read_text()),
            }
        finally:
            disks.unmount(self._look)
        return super().make_image(name, disk)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    if os.geteuid() != 0:
        pytest.fail("needs root: disks are mounted")
    loaded = Settings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PORT": "4664"})
    open_pool(loaded)
    yield loaded
    close_pool(loaded)


@pytest.fixture
def source(settings: Settings) -> Iterator[Path]:
    disk, mount = settings.pool / "volumes" / f"{INSTANCE}.raw", settings.mounts / INSTANCE
    with disk.open("wb") as file:
        file.truncate(SIZE)
    run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", disk)
    disks.mount(disk, mount)
    (mount / "etc/systemd/system").mkdir(parents=True)
    (mount / CONVERSION.agent_folder).mkdir(parents=True)
    (mount / "data").write_bytes(os.urandom(8 << 20))
    yield mount
    disks.unmount(mount)


@pytest.fixture
def cloud(tmp_path: Path) -> Looking:
    return Looking(tmp_path / "image")


@pytest.fixture
def engine(settings: Settings, source: Path, cloud: Looking) -> Iterator[BlockEngine]:
    assert source.exists()
    made = BlockEngine(
        EngineSettings(settings.pool / "replicas", sync_interval=600.0),
        partial(find_source, settings),
        cloud=cloud,
        mounts=settings.state / "mgn",
        report_url="http://127.0.0.1:4664/launched",
    )
    yield made
    made.end()


@pytest.fixture
def server() -> SourceServer:
    properties = {
        "identificationHints": {"awsInstanceID": INSTANCE},
        "disks": [{"deviceName": "/dev/xvda", "bytes": SIZE}],
    }
    return SourceServer(
        id="s-00000000000000001",
        identity="mac",
        agent_key="",
        properties=properties,
        tags={},
        user_provided_id="",
        replication_configuration={},
        launch_configuration={},
        machine_id=INSTANCE,
    )


def test_a_server_is_copied_and_what_changes_is_in_the_image(
    engine: BlockEngine, server: SourceServer, settings: Settings, source: Path, cloud: Looking
) -> None:
    state, stalls = State(), Stalls(Faults(), Silent(), agent_timeout=3600.0)  # type: ignore[arg-type]
    state.servers[server.id] = server
    engine.replicate(Machine(state, server, stalls=stalls, checks={}, changed=lambda _: None))

    assert engine.sync(server.id, 120)
    assert determine_replication_state(server, "") == "CONTINUOUS"
    assert server.record["replicatedBytes"] == server.record["totalBytes"] == SIZE
    first = server.record["current"]

    (source / "late").write_text("written after the first point")
    assert engine.sync(server.id, 120)
    current = server.record["current"]
    assert current != first
    assert is_same(
        engine.get_replica(server.id).locate_base(current), engine.get_replica(server.id).locate_point(current)
    )

    image = engine.make_image(server.id, current, "one", "secret")
    assert image == "ami-1"
    assert (cloud.seen["agent"], cloud.seen["unit"], cloud.seen["late"]) == (False, True, True)
    assert cloud.seen["pending"] == {
        "report_url": "http://127.0.0.1:4664/launched",
        "token": "secret",
        "scripts": ["/boot/post_launch"],
    }

    engine.discard(server.id)
    assert not engine.get_replica(server.id).folder.exists()
    assert settings.pool.is_dir()


def test_a_reset_replica_equals_the_restored_disk(
    engine: BlockEngine, server: SourceServer, settings: Settings, source: Path
) -> None:
    """Only the blocks that differ are copied after disk and replica have changed and the replica was discarded."""
    state, stalls = State(), Stalls(Faults(), Silent(), agent_timeout=3600.0)  # type: ignore[arg-type]
    state.servers[server.id] = server

    def replicate(one: SourceServer) -> None:
        engine.replicate(Machine(state, one, stalls=stalls, checks={}, changed=lambda _: None))

    registry: Any = SimpleNamespace(get_records=lambda *_: {})
    checkpoint = Checkpoint(
        registry,
        state,
        engine=engine,
        jobs=Jobs(state),
        timers=Timers(),
        replicate=replicate,
        is_away=stalls.is_away,
        replicas=settings.pool / "replicas",
    )
    folder = settings.pool / "checkpoint"
    folder.mkdir()
    volume, kept = settings.pool / "volumes" / f"{INSTANCE}.raw", folder / "disk.raw"
    replicate(server)
    assert engine.sync(server.id, 120)
    (source / "before").write_bytes(os.urandom(1 << 20))
    checkpoint.save(str(folder))
    disks.snapshot(volume, source, kept)
    copied = server.record["statistics"]["bytesCopied"]
    (source / "data").write_bytes(os.urandom(8 << 20))
    assert engine.sync(server.id, 120)
    engine.discard(server.id)

    checkpoint.halt()
    disks.unmount(source)
    disks.clone(kept, volume)
    checkpoint.put_back(str(folder))
    disks.mount(volume, source)
    assert not engine.sync(server.id, 120), "the agent has sent nothing since"
    restored = state.servers[server.id]
    restored.seen = now()
    assert engine.sync(server.id, 120)

    replica, current = engine.get_replica(server.id), restored.record["current"]
    assert is_same(replica.locate_base(current), replica.locate_point(current))
    assert disks.list_changed_ranges(replica.locate_base(current), volume) in ([], [disks.Range(0, 4096)])
    assert restored.record["statistics"]["rescans"] == 0
    assert 1 << 20 <= restored.record["statistics"]["bytesCopied"] - copied < 4 << 20
