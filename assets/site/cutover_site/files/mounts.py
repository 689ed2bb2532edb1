"""What is mounted where the site's folders are (/proc/self/mountinfo, proc(5)).

rsync goes into other mounts below the folder that it copies, and so does `find`. A local disk is no obstacle: what the replica's disk has not
at that place, the copy by content brings. A file system of another machine is one: what changed there is told by another clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
ESCAPED = re.compile(r"\\(\d{3})")


def find(root: Path, mountinfo: Path = MOUNTINFO) -> Iterator[tuple[str, str]]:
    """Yield what is mounted below `root`, and the file system that `root` itself is on when it is another machine's.

    Kind, and place with the file system's type.
    """
    place = str(root.resolve())
    mounted = sorted(_parse(mountinfo.read_text()), key=lambda one: len(one[0]))
    holding = [one for one in mounted if place == one[0] or place.startswith(one[0].rstrip("/") + "/")]
    if holding and holding[-1][1] not in OWN_DISKS:
        yield FOREIGN, f"{place} ({holding[-1][1]})"
    for point, kind in mounted:
        if point.startswith(f"{place}/"):
            yield (LOCAL if kind in OWN_DISKS else FOREIGN), f"{point} ({kind})"


def _parse(text: str) -> Iterator[tuple[str, str]]:
    """Yield mount point and type of each line."""
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        point = ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields.split()[4])
        yield point, rest.split()[0]
