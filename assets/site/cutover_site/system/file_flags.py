"""The flags `immutable` and `append only` of files (chattr(1)), which hardened servers set. Not even root can change such a file."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

# linux/fs.h
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS = 0x80086601, 0x40086602
IMMUTABLE, APPEND_ONLY = 0x10, 0x20
FLAGS = struct.Struct("@L")


def change_protected(path: Path, change: Callable[[Path], object]) -> None:
    """Call `change` with the path. If the kernel does not permit it, remove both flags from the path and try again. Raises OSError."""
    try:
        change(path)
    except PermissionError:
        for one in (path.parent, *_walk(path)):
            with suppress(OSError):  # the second try shows what was not possible
                _allow_changes(one)
        change(path)


def read_flags(path: Path) -> int:
    """Return the flags of a file or a folder. Raises OSError when its file system has none."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return int(FLAGS.unpack(fcntl.ioctl(descriptor, FS_IOC_GETFLAGS, FLAGS.pack(0)))[0])
    finally:
        os.close(descriptor)


def write_flags(path: Path, flags: int) -> None:
    """Set the flags of a file or a folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.ioctl(descriptor, FS_IOC_SETFLAGS, FLAGS.pack(flags))
    finally:
        os.close(descriptor)


def _allow_changes(path: Path) -> None:
    mode = path.lstat().st_mode
    if (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and (flags := read_flags(path)) & (IMMUTABLE | APPEND_ONLY):
        write_flags(path, flags & ~(IMMUTABLE | APPEND_ONLY))


def _walk(path: Path) -> Iterator[Path]:
    yield path
    if not path.is_symlink():
        for folder, folders, files in os.walk(path):
            yield from (Path(folder) / name for name in (*folders, *files))
