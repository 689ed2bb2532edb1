"""Disks of the rehearsal: raw files on one XFS pool with reflinks. Every function works from any process, by path.

A clone costs nothing whatever its size, a snapshot of a mounted busy disk makes its writers wait milliseconds, and
what changed between two snapshots is found by comparing physical extents, without reading a block.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Range(NamedTuple):
    """A range of bytes of a disk."""

    offset: int
    length: int


def clone(source: Path, target: Path) -> None:
    """A copy-on-write copy of `source`; `target` is replaced. Both must lie on the pool."""
    raise NotImplementedError


def snapshot(disk: Path, mount: Path | None, target: Path) -> float:
    """Clone `disk` at a consistent point in time; returns the seconds for which writers waited.

    `mount` is where the disk is mounted (it is synced and frozen for the clone), None for a disk that is not in use.
    """
    raise NotImplementedError


def data_ranges(disk: Path) -> list[Range]:
    """The ranges that hold data, in order; the rest are holes."""
    raise NotImplementedError


def changed_ranges(old: Path, new: Path) -> list[Range]:
    """Where `new` does not share its blocks with `old`. A hole in `new` where `old` had data counts."""
    raise NotImplementedError


def copy_ranges(source: Path, target: Path, ranges: list[Range]) -> int:
    """Copy these ranges' bytes (holes stay holes), make `target` as long as `source`; returns the bytes copied."""
    raise NotImplementedError


def grow(disk: Path, size: int) -> None:
    """Make an unmounted ext4 disk at least `size` bytes; its file system grows with it."""
    raise NotImplementedError


def mount(disk: Path, where: Path) -> None:
    """Mount the disk through a loop device (with discard, so that freed blocks become holes)."""
    raise NotImplementedError


def unmount(where: Path) -> None:
    """Unmount and free the loop device; harmless when nothing is mounted there."""
    raise NotImplementedError
