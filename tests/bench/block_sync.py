"""The console's initial block sync of a running machine's disk against `cp --sparse=always` of the same disk, on the same pool.

Ours counts from the order to replicate until the console says that the replica is consistent: the published steps, a snapshot of the
mounted disk, every block copied and flushed, the next look for changes. Theirs copies a snapshot that is taken before the clock starts.
Both read a snapshot that is as new as the round and count until the copy is on disk; the time of cp alone is told besides. cp may not
share blocks: a replica does not.
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
from rehearsal.world.images import image
from rehearsal.world.pool import close_pool, open_pool
from tests.bench.rounds import Comparison, in_turns
from tests.rehearsal.cloudendure.conftest import INSTANCE, Bench
from tests.unit.cloudendure.fakes import FakeCloud

FILES, FILE = 48, 8 << 20
"""what the machine holds beyond its system: half of it text-like, half like packed objects"""
ROUNDS = 5


def bench() -> list[Comparison]:
    base = image("debian-12", Settings.load({}).cache, print)
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
    if not console.sync():  # the machine was registered, so it began by itself; this round warms up
        raise RuntimeError(f"not replicated: {console.record()['problem']}")
    disks.snapshot(disk, mount, frozen)
    data = sum(length for _, length in disks.data_ranges(frozen))
    alone = Comparison(
        "initial sync, cp not flushed", "initial sync", "cp --sparse=always", work=data / 2**20, unit="MB"
    )
    flushed = Comparison(
        "initial sync", "initial sync", "cp --sparse=always; sync", "at most 1.3", work=data / 2**20, unit="MB"
    )

    def ours() -> float:
        console.client.in_project("POST", "/stopReplication", {"machineIDs": [console.machine]})
        _settle(disk, mount)
        began = time.perf_counter()
        console.client.in_project("POST", "/startReplication", {"machineIDs": [console.machine]})
        if not console.sync():
            raise RuntimeError(f"not replicated: {console.record()['problem']}")
        seconds = time.perf_counter() - began
        alone.ours_seconds.append(seconds)
        return seconds

    def theirs() -> float:
        console.client.in_project("POST", "/stopReplication", {"machineIDs": [console.machine]})
        copy.unlink(missing_ok=True)
        _settle(disk, mount)
        disks.snapshot(disk, mount, frozen)
        began = time.perf_counter()
        subprocess.run(["cp", "--sparse=always", "--reflink=never", frozen, copy], check=True)
        alone.theirs_seconds.append(time.perf_counter() - began)
        subprocess.run(["sync", copy], check=True)
        return time.perf_counter() - began

    return [in_turns(flushed, ours, theirs, ROUNDS), alone]


def _settle(disk: Path, mount: Path) -> None:
    """What earlier work left to write is written. A new snapshot has nothing in the page cache, whoever reads it."""
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
    """The disk mounted as a machine's root, with content that was really written to it."""
    disks.mount(disk, mount)
    try:
        source = random.Random(1)
        for number in range(FILES):
            content = source.randbytes(FILE) if number % 2 else b"%08d a line of a log\n" % number * (FILE // 24)
            (mount / f"content-{number}").write_bytes(content)
        yield
    finally:
        disks.unmount(mount)
