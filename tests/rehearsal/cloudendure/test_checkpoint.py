"""The console and the source's disk return to a checkpoint, and the replica equals the restored disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rehearsal.checkpoint import console
from rehearsal.checkpoint.context import CheckpointContext
from rehearsal.errors import RehearsalError
from rehearsal.world import disks
from tests.rehearsal.cloudendure.conftest import INSTANCE, Bench
from tests.rehearsal.cloudendure.test_replication import is_same

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def context(bench: Bench) -> CheckpointContext:
    folder = bench.settings.world.pool / "checkpoint"
    folder.mkdir()
    return CheckpointContext(bench.settings.world, folder, lambda _: None)


def test_a_reset_replica_equals_the_restored_disk(bench: Bench, source: Path, context: CheckpointContext) -> None:
    """Given a checkpoint, when disk and console change and are reset, then only the different blocks are copied."""
    assert bench.sync()
    volume, kept = bench.settings.world.pool / "volumes" / f"{INSTANCE}.raw", context.folder / "disk.raw"
    (source / "before").write_bytes(os.urandom(1 << 20))
    console.save(context)
    disks.snapshot(volume, source, kept)
    points = {point["id"] for point in bench.record()["points"]}
    (source / "data").write_bytes(os.urandom(8 << 20))
    assert bench.sync()
    with bench.console.store.edit() as state:
        state["machines"][bench.machine]["lifeCycle"]["lastCutoverDateTime"] = "later"

    bench.console.end()
    disks.unmount(source)
    disks.clone(kept, volume)
    console.restore(context)
    disks.mount(volume, source)
    bench.open()
    assert not bench.sync(), "the agent has sent nothing since"
    bench.client.install_agent(instance=INSTANCE)
    assert bench.sync()

    record = bench.record()
    assert is_same(bench.locate_base(), bench.locate_point())
    assert disks.list_changed_ranges(bench.locate_base(), volume) in ([], [disks.Range(0, 4096)])
    assert points <= {point["id"] for point in record["points"]}
    assert record["statistics"]["rescans"] == 0
    assert 1 << 20 <= record["statistics"]["bytesChanged"] < 4 << 20
    with bench.console.store.read() as state:
        assert "lastCutoverDateTime" not in state["machines"][bench.machine]["lifeCycle"]


def test_a_checkpoint_is_refused_while_a_job_runs(bench: Bench, context: CheckpointContext) -> None:
    assert bench.sync()
    with bench.console.store.edit() as state:
        state["replication"][bench.machine]["phase"] = "initial"
    with pytest.raises(RehearsalError, match="the initial sync goes on"):
        console.save(context)
    with bench.console.store.edit() as state:
        state["replication"][bench.machine]["phase"] = "continuous"
        state["jobs"]["1"] = {"status": "STARTED"}
    with pytest.raises(RehearsalError, match="a job under way"):
        console.save(context)
