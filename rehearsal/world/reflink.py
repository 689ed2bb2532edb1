"""The kernel calls behind disks: FICLONE, FIFREEZE/FITHAW and FIEMAP (linux/fs.h, linux/fiemap.h)."""

from __future__ import annotations

import array
import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

FICLONE = 0x40049409
FIFREEZE, FITHAW = 0xC0045877, 0xC0045878
FS_IOC_FIEMAP = 0xC020660B
FIEMAP_FLAG_SYNC = 1
FIEMAP_EXTENT_LAST = 0x1
FIEMAP_EXTENT_UNWRITTEN = 0x800
_HEADER = struct.Struct("=QQLLLL")  # start, length, flags, mapped extents, extent count, reserved
_EXTENT = struct.Struct("=QQQ16xL12x")  # logical, physical, length, reserved, flags, reserved
_BATCH = 1024


class Extent(NamedTuple):
    """A run of bytes of a file that lies together on the file system below. Neighbours are merged at will."""

    logical: int
    physical: int
    length: int

    @property
    def end(self) -> int:
        """Return the logical offset behind the extent."""
        return self.logical + self.length


def clone(source: Path, target: Path) -> None:
    """Share every block of `source` with a new file `target`; raises OSError (EOPNOTSUPP, EXDEV) off the pool."""
    with source.open("rb") as origin, target.open("wb") as copy:
        fcntl.ioctl(copy.fileno(), FICLONE, origin.fileno())


@contextmanager
def frozen(mount: Path) -> Iterator[None]:
    """Freeze this file system inside the block. All earlier writes are then on its disk.

    If any process has already frozen it, this waits, because the kernel would return EBUSY.
    """
    handle = os.open(mount, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        fcntl.ioctl(handle, FIFREEZE, 0)
        try:
            yield
        finally:
            fcntl.ioctl(handle, FITHAW, 0)
    finally:
        os.close(handle)


def thaw_mount(mount: Path) -> bool:
    """Thaw a file system that a killed process had frozen. Return whether it was frozen."""
    try:
        handle = os.open(mount, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.ioctl(handle, FITHAW, 0)
    except OSError:  # EINVAL: not frozen; EOPNOTSUPP: cannot be
        return False
    else:
        return True
    finally:
        os.close(handle)


def list_extents(path: Path) -> list[Extent]:
    """Return the extents that hold data, in logical order. Preallocated extents that were never written are left out."""
    found: list[Extent] = []
    start = 0
    with path.open("rb") as file:
        while True:
            header = _HEADER.pack(start, 2**64 - 1 - start, FIEMAP_FLAG_SYNC, 0, _BATCH, 0)
            buffer = array.array("B", header + bytes(_EXTENT.size * _BATCH))
            fcntl.ioctl(file.fileno(), FS_IOC_FIEMAP, buffer)
            count = _HEADER.unpack_from(buffer)[3]
            flags = 0
            for index in range(count):
                logical, physical, length, flags = _EXTENT.unpack_from(buffer, _HEADER.size + _EXTENT.size * index)
                start = logical + length
                if not flags & FIEMAP_EXTENT_UNWRITTEN:
                    found.append(Extent(logical, physical, length))
            if not count or flags & FIEMAP_EXTENT_LAST:
                return found
