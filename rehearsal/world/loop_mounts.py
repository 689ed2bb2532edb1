"""Mounts of files through loop devices that never wait for the host's own disk.

A file system flushes its device at every fsync. Through two loop devices, a disk in a pool in a file, a flush takes the host several
milliseconds, up to thirty under load: several times as long as EBS takes. What breaks in a rehearsal is a machine or a process and never the
host, and the host's page cache survives both. So the devices report a cache that needs no flush.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from rehearsal.world.shell import run

_log = logging.getLogger(__name__)


def mount(file: Path, where: Path, *options: str) -> None:
    """Mount `file` at `where`, with discard, so that freed blocks become holes."""
    run("mount", "-o", ",".join(("loop", "discard", *options)), file, where)
    cache = Path("/sys/dev/block") / read_device_number(where) / "queue/write_cache"
    try:
        cache.write_text("write through")
    except OSError as error:  # read-only in some containers: slower, and nothing else
        _log.info("%s flushes through to the host's disk: %s", where, error)


def read_device_number(where: Path) -> str:
    """Return `major:minor` of the device that is mounted there."""
    number = where.stat().st_dev
    return f"{os.major(number)}:{os.minor(number)}"
