"""The disk of a running source machine, as its agent would read it.

The published agent reads blocks in the machine's kernel and sends them to a replication server. Here the engine reads the
machine's disk from outside, as a snapshot that is consistent because the file system is frozen for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import disks, records, reflink
from rehearsal.world.disks import Range
from rehearsal.world.shell import run

SUPERBLOCK = Range(0, 4096)
"""Freezing and thawing themselves write this block of ext4 (its needs_recovery flag): no change of the machine's data."""


class SourceMissing(RehearsalError):
    """The machine's disk cannot be read now: it does not run, or it is no machine of this world."""


class SourceDisk(Protocol):
    """The disk of a source machine."""

    def recover(self) -> None:
        """Undo the changes of a killed process. A file system that stays frozen would block every writer of the machine."""

    def read_size(self) -> int:
        """Return the size in bytes. Raises SourceMissing."""

    def list_changes_since(self, base: Path) -> list[Range]:
        """Return what differs from an earlier snapshot, everything written so far included. Raises SourceMissing."""

    def snapshot(self, target: Path) -> float:
        """Make a consistent copy-on-write copy; return the seconds for which writers waited. Raises SourceMissing."""


class MountedDisk:
    """A raw image on the pool, mounted read-write as a machine's root."""

    def __init__(self, disk: Path, mount: Path) -> None:
        self._disk, self._mount = disk, mount
        self._unchanged: tuple[Path, tuple[int, ...]] | None = None

    def recover(self) -> None:
        """Thaw the file system, if a process that ended left it frozen."""
        if not os.path.ismount(self._mount):
            return
        handle = os.open(self._mount, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with contextlib.suppress(OSError):  # EINVAL: it is not frozen
                fcntl.ioctl(handle, reflink.FITHAW, 0)
        finally:
            os.close(handle)

    def read_size(self) -> int:
        """Return its size in bytes."""
        self._require()
        return self._disk.stat().st_size

    def list_changes_since(self, base: Path) -> list[Range]:
        """Return the ranges whose blocks differ from those of `base`."""
        self._require()
        run("sync", "--file-system", self._mount)
        writes = self._count_writes()
        if self._unchanged == (base, writes):
            return []
        found = disks.compare_extents(reflink.list_extents(base), reflink.list_extents(self._disk))
        if found == [SUPERBLOCK]:
            found = []
        # The counter is older than the comparison, so that a write in between is looked at next time.
        self._unchanged = (base, writes) if not found else None
        return found

    def snapshot(self, target: Path) -> float:
        """Copy it while its file system is frozen."""
        self._require()
        return disks.snapshot(self._disk, self._mount, target)

    def _require(self) -> None:
        if not self._disk.is_file():
            raise SourceMissing(
                f"There is no disk {self._disk.name} in this world: replication reads only its machines."
            )
        if not os.path.ismount(self._mount):
            raise SourceMissing(f"The machine of disk {self._disk.name} does not run.")

    def _count_writes(self) -> tuple[int, ...]:
        """Return the writes and discards of the block device below the mount, as the kernel counts them (Documentation/block/stat.rst)."""
        device = self._mount.stat().st_dev
        numbers = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()
        return tuple(int(numbers[field]) for field in (4, 6, 11, 13) if field < len(numbers))


def find_source(settings: Settings, machine: str) -> MountedDisk:
    """Return the disk of a machine of this world (architecture: pool layout)."""
    return MountedDisk(settings.pool / "volumes" / f"{machine}.raw", settings.mounts / machine)


def find_machine(settings: Settings, addresses: Iterable[str]) -> str:
    """Return the id of the machine of this world that has one of these addresses; empty when there is none."""
    wanted = set(addresses)
    return next((one.id for one in records.list_machines(settings) if one.ip in wanted), "")
