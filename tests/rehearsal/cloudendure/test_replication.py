"""The blocks of a mounted, busy disk are replicated, and each point in time is complete and in order."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.world import disks, reflink
from tests.rehearsal.cloudendure.conftest import SIZE, Bench

pytestmark = pytest.mark.rehearsal


def is_same(one: Path, other: Path) -> bool:
    """Compare both disks where one of them has data. The rest are holes in both."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        for offset, length in {*disks.list_data_ranges(one), *disks.list_data_ranges(other)}:
            for start in range(offset, offset + length, 1 << 20):
                size = min(1 << 20, offset + length - start)
                if os.pread(left.fileno(), size, start) != os.pread(right.fileno(), size, start):
                    return False
    return True


@contextmanager
def mounted(disk: Path, where: Path) -> Iterator[Path]:
    """Mount a copy of the disk. The kernel replays the journal, as at the boot of a replica."""
    copy = disk.with_name(f"{disk.stem}.mounted")
    disks.clone(disk, copy)
    disks.mount(copy, where)
    try:
        yield where
    finally:
        disks.unmount(where)
        copy.unlink()


@contextmanager
def busy_writer(mount: Path) -> Iterator[list[int]]:
    """Append a number to `first`, flush it, then append it to `second`.

    No consistent point in time has more numbers in second than in first.
    """
    stop, count = threading.Event(), [0]

    def write() -> None:
        with (mount / "first").open("ab") as first, (mount / "second").open("ab") as second:
            while not stop.is_set():
                for file in (first, second):
                    file.write(f"{count[0]:08d}\n".encode() * 64)
                    file.flush()
                    os.fsync(file.fileno())
                count[0] += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield count
    finally:
        stop.set()
        thread.join()


def test_the_initial_sync_copies_and_counts_every_block(bench: Bench) -> None:
    assert bench.sync()

    info, record = bench.read_info(), bench.record()
    assert info["totalStorageBytes"] == info["replicatedStorageBytes"] == SIZE
    assert info["lastConsistencyDateTime"]
    assert [step["status"] for step in info["initiationStates"]["items"][-1]["steps"]] == ["SUCCEEDED"] * 11
    assert record["statistics"]["bytesCopied"] > 24 << 20
    assert is_same(bench.locate_base(), bench.locate_point())


def test_a_replica_shares_no_block_with_the_source(bench: Bench) -> None:
    assert bench.sync()

    shared = sum(length for _, length in disks.list_data_ranges(bench.locate_point()))
    changed = sum(length for _, length in disks.list_changed_ranges(bench.locate_base(), bench.locate_point()))
    assert changed >= shared > 24 << 20


def test_points_in_time_of_a_busy_disk_keep_the_order_of_writes(bench: Bench, source: Path, tmp_path: Path) -> None:
    bench.sync()
    with busy_writer(source) as written:
        for _ in range(4):
            before = written[0]
            assert bench.sync()
            assert is_same(bench.locate_base(), bench.locate_point())
            with mounted(bench.locate_point(), tmp_path / "look") as look:
                first, second = ((look / name).read_bytes() for name in ("first", "second"))
            assert first.startswith(second)
            assert len(second) // (64 * 9) >= before - 1
    waits = bench.record()["statistics"]["writersWaited"]
    assert 0 < waits["longest"] < 5


def test_only_changed_blocks_are_copied(bench: Bench, source: Path) -> None:
    bench.sync()
    before = bench.record()["statistics"]["bytesCopied"]

    with (source / "data").open("r+b") as file:
        file.seek(5 << 20)
        file.write(os.urandom(1 << 20))
    assert bench.sync()

    copied = bench.record()["statistics"]["bytesCopied"] - before
    assert 1 << 20 <= copied < 4 << 20


def test_an_unchanged_disk_is_not_copied_and_its_replica_stays_consistent(bench: Bench) -> None:
    bench.sync()
    bench.sync()  # the changes of mount have ended
    points, consistent = bench.record()["points"], bench.read_info()["lastConsistencyDateTime"]

    assert bench.sync()

    assert bench.record()["points"] == points
    assert bench.read_info()["lastConsistencyDateTime"] > consistent


def test_a_deleted_file_and_its_blocks_are_removed_from_the_replica(bench: Bench, source: Path, tmp_path: Path) -> None:
    bench.sync()
    (source / "data").unlink()

    assert bench.sync()

    with mounted(bench.locate_point(), tmp_path / "look") as look:
        assert not (look / "data").exists()


def test_replication_continues_after_a_restart_of_the_console(bench: Bench, source: Path) -> None:
    bench.sync()
    before = bench.record()
    (source / "later").write_bytes(os.urandom(1 << 20))

    bench.restart()
    assert bench.sync()

    after = bench.record()
    assert after["statistics"]["bytesCopied"] - before["statistics"]["bytesCopied"] < 4 << 20
    assert is_same(bench.locate_base(), bench.locate_point())


def test_an_interrupted_initial_sync_continues_from_its_position(bench: Bench) -> None:
    bench.console.end()
    (bench.settings.folder / "state.json").unlink()
    bench.open()
    bench.console.faults.inject({"kind": "initial-sync"})
    bench.machine = str(bench.client.install_agent(instance="i-1")["machineId"])
    while bench.read_info()["replicatedStorageBytes"] < SIZE // 2:
        assert "lastConsistencyDateTime" not in bench.read_info()
    copied = bench.record()["statistics"]["bytesCopied"]

    bench.restart()
    assert bench.sync()

    assert bench.read_info()["replicatedStorageBytes"] == SIZE
    assert bench.record()["statistics"]["bytesCopied"] - copied < 24 << 20
    assert is_same(bench.locate_base(), bench.locate_point())


def test_lag_is_counted_and_caught_up(bench: Bench, source: Path) -> None:
    bench.sync()
    bench.console.faults.inject({"kind": "lag"})
    consistent = bench.read_info()["lastConsistencyDateTime"]
    (source / "later").write_bytes(os.urandom(2 << 20))

    assert not bench.sync()
    assert bench.read_info()["backloggedStorageBytes"] >= 2 << 20
    assert bench.read_info()["lastConsistencyDateTime"] == consistent

    bench.console.faults.clear()
    assert bench.sync()
    assert bench.read_info()["backloggedStorageBytes"] == 0
    assert is_same(bench.locate_base(), bench.locate_point())


def test_a_lost_map_of_changes_causes_a_rescan_of_the_disk(bench: Bench, source: Path) -> None:
    bench.sync()
    (source / "later").write_bytes(os.urandom(2 << 20))
    bench.locate_base().unlink()

    assert bench.sync()

    record = bench.record()
    assert record["statistics"]["rescans"] == 1
    assert bench.read_info()["rescannedStorageBytes"] == 0
    assert is_same(bench.locate_base(), bench.locate_point())


def test_a_stopped_replication_deletes_its_data_and_starts_with_an_initial_sync(bench: Bench) -> None:
    bench.sync()
    bench.client.in_project("POST", "/stopReplication", {"machineIDs": [bench.machine]})
    assert "lastConsistencyDateTime" not in bench.read_info()
    assert not bench.console.replication.get_replica(bench.machine).folder.exists()

    bench.client.in_project("POST", "/startReplication", {"machineIDs": [bench.machine]})
    assert bench.sync()
    assert is_same(bench.locate_base(), bench.locate_point())


def test_a_stopped_machine_stalls_replication_with_the_reason(bench: Bench, source: Path) -> None:
    bench.sync()
    disks.unmount(source)

    assert not bench.sync()
    assert "does not run" in bench.record()["problem"]


def test_a_disk_left_frozen_by_a_killed_console_is_unfrozen(bench: Bench, source: Path) -> None:
    bench.console.end()
    handle = os.open(source, os.O_RDONLY)
    fcntl.ioctl(handle, reflink.FIFREEZE, 0)
    os.close(handle)

    bench.open()
    assert bench.sync()

    (source / "later").write_text("writers go on")
