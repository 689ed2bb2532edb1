"""The console's initial block sync of a running machine's disk, compared with `cp --sparse=always` of the same disk.

Both use the same pool. Our time starts with the request to replicate and ends when the console reports a consistent
replica. It contains the published steps, a snapshot of the mounted disk, the copy and flush of every block, and one
check for changes. The other side copies a snapshot that exists before the clock starts. Both sides read a snapshot
from the start of the round and count until the copy is on disk. A second pair has the time of cp without the flush.
cp must not share blocks, because a replica does not.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.settings import Settings
from rehearsal.world import disks
from rehearsal.world.images import make_image
from rehearsal.world.pool import close_pool, open_pool
from tests.bench.rounds import Comparison, run_in_turns
from tests.rehearsal.cloudendure.conftest import INSTANCE, Bench
from tests.unit.cloudendure.fakes import FakeCloud

FILES, FILE = 48, 8 << 20
"""the data of the machine besides its system: half of it is like text, half like packed objects"""
ROUNDS = 5


def run_benchmark() -> list[Comparison]:
    base = make_image("debian-12", Settings.load({}).cache, print)
    with tempfile.TemporaryDirectory() as folder, _pool(Path(folder)) as settings:
        pool = settings.world.pool
        disk, mount = pool / "volumes" / f"{INSTANCE}.raw", settings.world.mounts / INSTANCE
        subprocess.run(["cp", "--sparse=always", base, disk], check=True)
        with _running(disk, mount):
            console = Bench(settings, FakeCloud())
            try:
                return _compare(console, disk, mount)
            finally:
                console.console.end()


def _compare(console: Bench, disk: Path, mount: Path) -> list[Comparison]:
    frozen, copy = disk.with_name("frozen.raw"), disk.with_name("copy.raw")
    if not console.sync():  # replication started with the registration of the machine; this round warms up
        raise RuntimeError(f"not replicated: {console.record()['problem']}")
    disks.snapshot(disk, mount, frozen)
    data = sum(length for _, length in disks.list_data_ranges(frozen))
    alone = Comparison(
        "initial sync, cp not flushed", "initial sync", "cp --sparse=always", work=data / 2**20, unit="MB"
    )
    flushed = Comparison(
        "initial sync", "initial sync", "cp --sparse=always; sync", "at most 1.3", work=data / 2**20, unit="MB"
    )

    def time_ours() -> float:
        console.client.in_project("POST", "/stopReplication", {"machineIDs": [console.machine]})
        _settle(disk, mount)
        began = time.perf_counter()
        console.client.in_project("POST", "/startReplication", {"machineIDs": [console.machine]})
        if not console.sync():
            raise RuntimeError(f"not replicated: {console.record()['problem']}")
        seconds = time.perf_counter() - began
        alone.ours_seconds.append(seconds)
        return seconds

    def time_theirs() -> float:
        console.client.in_project("POST", "/stopReplication", {"machineIDs": [console.machine]})
        copy.unlink(missing_ok=True)
        _settle(disk, mount)
        disks.snapshot(disk, mount, frozen)
        began = time.perf_counter()
        subprocess.run(["cp", "--sparse=always", "--reflink=never", frozen, copy], check=True)
        alone.theirs_seconds.append(time.perf_counter() - began)
        subprocess.run(["sync", copy], check=True)
        return time.perf_counter() - began

    return [run_in_turns(flushed, time_ours, time_theirs, ROUNDS), alone]


def _settle(disk: Path, mount: Path) -> None:
    """Flush earlier writes to the disk. A new snapshot has no pages in the page cache for either side."""
    subprocess.run(["sync", "--file-system", mount, disk.parent], check=True)


@contextmanager
def _pool(home: Path) -> Iterator[ConsoleSettings]:
    loaded = ConsoleSettings.load({"REHEARSAL_HOME": str(home)})
    open_pool(loaded.world)
    try:
        yield replace(loaded, sync_interval=600.0, agent_timeout=3600.0)
    finally:
        close_pool(loaded.world)


@contextmanager
def _running(disk: Path, mount: Path) -> Iterator[None]:
    """Mount the disk as the root of a machine and write content to it."""
    disks.mount(disk, mount)
    try:
        source = random.Random(1)
        for number in range(FILES):
            content = source.randbytes(FILE) if number % 2 else b"%08d a line of a log\n" % number * (FILE // 24)
            (mount / f"content-{number}").write_bytes(content)
        yield
    finally:
        disks.unmount(mount)
