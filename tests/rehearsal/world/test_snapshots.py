"""Snapshots of a machine that writes continuously."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rehearsal.world import disks
from tests.rehearsal.world.lab import Lab

pytestmark = pytest.mark.rehearsal


def test_a_snapshot_of_a_busy_disk_is_a_consistent_file_system(
    lab: Lab, machine: str, scratch: Path, tmp_path: Path
) -> None:
    """Given a machine that appends numbered lines, when its disk is copied, then the snapshot can be mounted and has
    the lines.
    """
    lab.run_script(machine, "systemd-run --unit=writer bash -c 'n=0; while :; do echo $((n=n+1)) >>/root/lines; done'")
    try:
        waited = disks.snapshot(
            lab.world.locate_volume(machine), lab.world.settings.mounts / machine, scratch / "snapshot.raw"
        )
    finally:
        lab.run_script(machine, "systemctl stop writer")
    assert waited < 2.0
    copy = scratch / "copy.raw"
    disks.clone(scratch / "snapshot.raw", copy)
    disks.mount(copy, tmp_path / "mounted")
    try:
        lines = (tmp_path / "mounted/root/lines").read_text().split()
    finally:
        disks.unmount(tmp_path / "mounted")
    assert lines == [str(number + 1) for number in range(len(lines))]


def test_copying_changed_ranges_makes_a_replica_equal(lab: Lab, machine: str, scratch: Path) -> None:
    """Given a replica of a first snapshot, when only changed ranges are copied, then it equals the second snapshot."""
    volume, mount = lab.world.locate_volume(machine), lab.world.settings.mounts / machine
    first, second, replica = scratch / "first.raw", scratch / "second.raw", scratch / "replica.raw"
    lab.run_script(machine, "head -c 20M /dev/urandom >/root/old")
    disks.snapshot(volume, mount, first)
    whole = disks.copy_ranges(first, replica, disks.list_data_ranges(first))
    lab.run_script(machine, "rm /root/old; head -c 5M /dev/urandom >/root/new")
    disks.snapshot(volume, mount, second)
    changed = disks.copy_ranges(second, replica, disks.list_changed_ranges(first, second))
    assert changed < whole / 4
    for offset, length in {*disks.list_data_ranges(second), *disks.list_data_ranges(replica)}:
        with second.open("rb") as one, replica.open("rb") as other:
            one.seek(offset)
            other.seek(offset)
            assert one.read(length) == other.read(length), f"differs at {offset}"


def test_growing_a_disk_grows_its_file_system(lab: Lab, scratch: Path, tmp_path: Path) -> None:
    disk = scratch / "grown.raw"
    disks.clone(lab.world.make_image("debian-12"), disk)
    disks.grow(disk, 20 << 30)
    disks.mount(disk, tmp_path / "mounted")
    try:
        facts = os.statvfs(tmp_path / "mounted")
        assert facts.f_blocks * facts.f_frsize > 18 << 30
    finally:
        disks.unmount(tmp_path / "mounted")
