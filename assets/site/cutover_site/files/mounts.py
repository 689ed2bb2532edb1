"""The mounts at and below the data root (/proc/self/mountinfo, proc(5)).

rsync and `find` enter other mounts below the folder that they are given. A local disk is no problem: its files are not on the replica's disk,
but the copy by content brings them. A file system of another machine is a problem: another clock sets the times of change there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

LOCAL, FOREIGN = "mount", "mount of another machine"
MOUNTINFO = Path("/proc/self/mountinfo")
OWN_DISKS = frozenset(
    {
        "ext2",
        "ext3",
        "ext4",
        "xfs",
        "btrfs",
        "zfs",
        "f2fs",
        "jfs",
        "reiserfs",
        "bcachefs",
        "nilfs2",
        "overlay",
        "tmpfs",
        "ramfs",
    }
)
ESCAPED = re.compile(rb"\\(\d{3})")


def find_mounts(root: Path, mountinfo: Path = MOUNTINFO, *, own: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield the mounts below `root`, and the one that `root` itself is on when it is of another machine.

    Each is a pair: LOCAL or FOREIGN, and the path with the type of the file system. `own`: mount points of this product, which are left out
    unless they show a file system of another machine.
    """
    place = str(root.resolve())
    mounted = sorted(_parse(mountinfo.read_bytes()), key=lambda one: len(one[0]))
    holding = [one for one in mounted if place == one[0] or place.startswith(one[0].rstrip("/") + "/")]
    if holding and holding[-1][1] not in OWN_DISKS:
        yield FOREIGN, f"{place} ({holding[-1][1]})"
    for point, kind in mounted:
        is_local = kind in OWN_DISKS
        if point.startswith(f"{place}/") and not (is_local and point in own):
            yield (LOCAL if is_local else FOREIGN), f"{point} ({kind})"


def list_mount_points(mountinfo: Path = MOUNTINFO) -> set[str]:
    """Return every mount point. A bind mount of a folder on the same file system has no other sign."""
    return {point for point, _kind in _parse(mountinfo.read_bytes())}


def _parse(table: bytes) -> Iterator[tuple[str, str]]:
    """Yield mount point and type of each line. A mount point may have any bytes; the kernel escapes only space, tab, line break and backslash."""
    for line in table.split(b"\n"):
        if line:
            fields, _, rest = line.partition(b" - ")
            point = ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), fields.split(b" ")[4])
            yield os.fsdecode(point), os.fsdecode(rest.split(b" ")[0])
