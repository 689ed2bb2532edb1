"""The replica of one machine's disk: its points in time, as files that share their blocks.

    <folder>/base-<point>.raw   the source's snapshot that the point <point> equals; the next change is counted from it
    <folder>/<point>.raw        the replicated disk at that point

A new point is a reflink of the one before with the changed blocks copied into it, under a temporary name until it is whole:
a crash at any moment leaves the points as they were.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from rehearsal.world import disks
from rehearsal.world.disks import Range

PIECE = 128 << 20
"""Bytes copied between two looks at the clock, the counters and the order to stop; each ends with waiting for the disk."""
GRAIN = 64 << 10


class Advance(NamedTuple):
    """What one step from point to point took."""

    waited: float
    """Seconds for which the source's writers waited."""
    changed: int
    copied: int


class Replica:
    """Not thread-safe: one worker owns it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def locate_point(self, id_: str) -> Path:
        """Return the path of a point's file."""
        return self.folder / f"{id_}.raw"

    def locate_base(self, id_: str) -> Path:
        """Return the path of the source's snapshot that a point equals."""
        return self.folder / f"base-{id_}.raw"

    def make(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def keep_only(self, points: set[str], bases: set[str]) -> None:
        """Remove every file that the records do not name (what a crash left, what retention gave up)."""
        kept = {self.locate_point(id_) for id_ in points} | {self.locate_base(id_) for id_ in bases}
        for file in self.folder.glob("*.raw") if self.folder.is_dir() else ():
            if file not in kept:
                file.unlink()

    def discard(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def copy(self, id_: str, target: Path) -> None:
        """Make a copy-on-write copy of a point."""
        disks.clone(self.locate_point(id_), target)

    def fill(self, id_: str, position: int) -> Iterator[tuple[int, int]]:
        """Copy the base into the point from `position` on; yields (position reached, bytes copied), on disk when yielded.

        Holes of the base are holes of the point and count as reached.
        """
        base, point = self.locate_base(id_), self.locate_point(id_)
        if position == 0:
            point.unlink(missing_ok=True)
            disks.copy_ranges(base, point, [])
        for batch in group_into_batches(disks.list_data_ranges(base)):
            reached = batch[-1].offset + batch[-1].length
            if reached <= position:
                continue
            copied = disks.copy_ranges(base, point, batch)
            flush_to_disk(point)
            yield reached, copied
        yield base.stat().st_size, 0

    def advance(self, old: str, new: str, take: Callable[[Path], float]) -> Advance:
        """Make point `new` from point `old` and a snapshot taken now; the old files stay until `keep_only`."""
        waited = take(self.locate_base(new))
        ranges = disks.list_changed_ranges(self.locate_base(old), self.locate_base(new))
        half = self.folder / f".{new}.half"
        try:
            disks.clone(self.locate_point(old), half)
            copied = disks.copy_ranges(self.locate_base(new), half, ranges)
            flush_to_disk(half)
            half.replace(self.locate_point(new))
        finally:
            half.unlink(missing_ok=True)
        return Advance(waited, sum(length for _, length in ranges), copied)

    def rescan(self, old: str, new: str, take: Callable[[Path], float]) -> Iterator[tuple[int, int]]:
        """Advance without a base to compare with: read both disks and yield (bytes rescanned so far, bytes copied)."""
        take(self.locate_base(new))
        base, point = self.locate_base(new), self.locate_point(new)
        disks.clone(self.locate_point(old), point)
        both = sorted(
            {*split_into_pieces(disks.list_data_ranges(base)), *split_into_pieces(disks.list_data_ranges(point))}
        )
        rescanned = end = 0
        for offset, length in both:
            fresh = Range(max(offset, end), offset + length - max(offset, end))
            if fresh.length <= 0:
                continue
            end = fresh.offset + fresh.length
            copied = disks.copy_ranges(base, point, list(find_different(base, point, fresh)))
            rescanned += fresh.length
            yield rescanned, copied
        disks.copy_ranges(base, point, [])
        flush_to_disk(point)


def split_into_pieces(ranges: Iterable[Range]) -> Iterator[Range]:
    """Yield the same ranges in pieces of at most PIECE bytes."""
    for offset, length in ranges:
        for start in range(offset, offset + length, PIECE):
            yield Range(start, min(PIECE, offset + length - start))


def group_into_batches(ranges: Iterable[Range]) -> Iterator[list[Range]]:
    """Yield the same ranges, in order, in lists that hold about PIECE bytes each."""
    batch: list[Range] = []
    for piece in split_into_pieces(ranges):
        batch.append(piece)
        if sum(length for _, length in batch) >= PIECE:
            yield batch
            batch = []
    if batch:
        yield batch


def find_different(one: Path, other: Path, within: Range) -> Iterator[Range]:
    """Return the grains whose bytes differ between the files."""
    with one.open("rb", buffering=0) as left, other.open("rb", buffering=0) as right:
        for offset in range(within.offset, within.offset + within.length, GRAIN):
            length = min(GRAIN, within.offset + within.length - offset)
            if os.pread(left.fileno(), length, offset) != os.pread(right.fileno(), length, offset):
                yield Range(offset, length)


def flush_to_disk(file: Path) -> None:
    """Return when the file's bytes are on disk."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
