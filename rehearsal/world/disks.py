"""Disks of the rehearsal: raw files on one XFS pool with reflinks. Every function works from any process, by path.

A clone costs nothing whatever its size, a snapshot of a mounted busy disk makes its writers wait milliseconds, and
what changed between two snapshots is found by comparing physical extents, without reading a block.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rehearsal.errors import RehearsalError
from rehearsal.world import loop_mounts, reflink
from rehearsal.world.reflink import Extent
from rehearsal.world.shell import run

_CHUNK = 1 << 20
_ZEROS = bytes(_CHUNK)
_RELEASE = 300.0  # a busy disk takes long to write what the loop device still holds


class Range(NamedTuple):
    """A range of bytes of a disk."""

    offset: int
    length: int


def clone(source: Path, target: Path) -> None:
    """Make a copy-on-write copy of `source`. `target` is replaced as a whole or not at all. Both must lie on the pool."""
    half = target.with_name(f".{target.name}.half")
    try:
        reflink.clone(source, half)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def snapshot(disk: Path, mount: Path | None, target: Path) -> float:
    """Clone `disk` at a consistent point in time; returns the seconds for which writers waited.

    `mount` is where the disk is mounted (it is synced and frozen for the clone), None for a disk that is not in use.
    """
    if mount is None:
        clone(disk, target)
        return 0.0
    _sync(mount)  # dirty pages are flushed while writers still go on, so that the freeze is short
    began = time.perf_counter()
    with reflink.frozen(mount):
        clone(disk, target)
    return time.perf_counter() - began


def list_data_ranges(disk: Path) -> list[Range]:
    """Return the ranges that hold data, in order; the rest are holes."""
    return _merge(Range(extent.logical, extent.length) for extent in reflink.list_extents(disk))


def list_changed_ranges(old: Path, new: Path) -> list[Range]:
    """Return the ranges in which `new` does not share its blocks with `old`. A hole in `new` where `old` had data counts."""
    return compare_extents(reflink.list_extents(old), reflink.list_extents(new))


def compare_extents(old: list[Extent], new: list[Extent]) -> list[Range]:
    """Return the ranges that the two maps place differently. Extents may be cut differently in each: every cut is compared."""
    cuts = sorted({cut for extent in (*old, *new) for cut in (extent.logical, extent.end)})
    before, after = _map_cuts(old, cuts), _map_cuts(new, cuts)
    changed = (
        Range(cut, following - cut)
        for cut, following, was, now in zip(cuts, cuts[1:], before, after, strict=False)
        if was != now
    )
    return _merge(changed)


def copy_ranges(source: Path, target: Path, ranges: list[Range]) -> int:
    """Copy these ranges' bytes (holes stay holes), make `target` as long as `source`; returns the bytes copied."""
    copied = 0
    with (
        source.open("rb", buffering=0) as origin,
        target.open("r+b" if target.exists() else "w+b", buffering=0) as copy,
    ):
        size = os.fstat(origin.fileno()).st_size
        copy.truncate(size)
        for offset, length in ranges:
            position, end = offset, min(offset + length, size)
            while position < end:
                data = os.pread(origin.fileno(), min(_CHUNK, end - position), position)
                if _ZEROS.startswith(data) and _is_hole(copy.fileno(), position, len(data)):
                    position += len(data)
                    continue
                os.pwrite(copy.fileno(), data, position)
                position += len(data)
                copied += len(data)
    return copied


def grow(disk: Path, size: int) -> None:
    """Make an unmounted ext4 disk at least `size` bytes; its file system grows with it."""
    if disk.stat().st_size < size:
        os.truncate(disk, size)
        run("e2fsck", "-fp", disk, accept=(0, 1))  # 1: the journal was replayed
        run("resize2fs", disk)


def mount(disk: Path, where: Path) -> None:
    """Mount the disk through a loop device."""
    where.mkdir(parents=True, exist_ok=True)
    loop_mounts.mount(disk, where)


def unmount(where: Path) -> None:
    """Unmount and free the loop device; harmless when nothing is mounted there.

    Returns when the disk is whole in its file: the last process that still held the mount has let it go by then.
    Raises RehearsalError when that takes longer than _RELEASE seconds.
    """
    if not where.is_dir() or not os.path.ismount(where):
        return
    device = Path("/sys/dev/block") / loop_mounts.read_device_number(where) / "loop"
    run("umount", where)
    deadline = time.monotonic() + _RELEASE
    while device.exists():  # the kernel sends no event when a loop device is released
        if time.monotonic() > deadline:
            raise RehearsalError(f"{where} is unmounted, but some process still holds its disk.")
        time.sleep(0.01)


def _sync(mount: Path) -> None:
    run("sync", "--file-system", mount)


def _map_cuts(extents: list[Extent], cuts: list[int]) -> list[int | None]:
    """Return the physical byte of each cut, None in a hole."""
    places: list[int | None] = []
    index = 0
    for cut in cuts:
        while index < len(extents) and extents[index].end <= cut:
            index += 1
        inside = index < len(extents) and extents[index].logical <= cut
        places.append(extents[index].physical + cut - extents[index].logical if inside else None)
    return places


def _merge(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for piece in ranges:
        if merged and merged[-1].offset + merged[-1].length == piece.offset:
            merged[-1] = Range(merged[-1].offset, merged[-1].length + piece.length)
        else:
            merged.append(piece)
    return merged


def _is_hole(file: int, position: int, length: int) -> bool:
    """Return whether these bytes of the target are a hole already, so that zeros need not be written."""
    try:
        return os.lseek(file, position, os.SEEK_DATA) >= position + length
    except OSError:  # ENXIO: no data after this position
        return True
