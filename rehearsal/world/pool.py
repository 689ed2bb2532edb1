"""The XFS pool: one sparse file, loop mounted, that holds every disk, snapshot, image and shared folder of a world."""

from __future__ import annotations

import errno
import os

from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import loop_mounts
from rehearsal.world.shell import run

SIZE = 256 << 30
"""Upper bound of the pool in bytes; the file is sparse and costs what is written."""
FOLDERS = ("volumes", "snapshots", "images", "efs")


def open_pool(settings: Settings) -> None:
    """Make the pool if there is none, mount it, make its folders. Harmless when it is mounted."""
    settings.pool.mkdir(parents=True, exist_ok=True)
    if not os.path.ismount(settings.pool):
        file = settings.home / "pool.raw"
        if not file.exists():
            half = file.with_suffix(".half")
            try:
                with half.open("wb") as new:
                    new.truncate(SIZE)
                run("mkfs.xfs", "-q", "-f", "-m", "reflink=1", half)
                half.replace(file)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise RehearsalError(f"The disk is full: {settings.home} needs some gigabytes.") from None
                raise
        loop_mounts.mount(file, settings.pool, "nosuid", "nodev")
    for folder in FOLDERS:
        (settings.pool / folder).mkdir(exist_ok=True)
    (settings.pool / "efs").chmod(0o755)


def close_pool(settings: Settings) -> None:
    """Unmount the pool; its file stays."""
    if os.path.ismount(settings.pool):
        run("umount", settings.pool)
