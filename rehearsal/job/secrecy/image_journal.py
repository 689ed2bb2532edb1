"""The journal of an image's disk, as the machine would show it: on the disk long fields are compressed, so its blocks do not tell them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from rehearsal.world import disks
from rehearsal.world.shell import run

FOLDER = "var/log/journal"


def image_journal(disk: Path) -> Iterator[bytes]:
    """Nothing for a disk without a journal. Raises RehearsalError when the disk or its journal cannot be read.

    The disk is not changed: it is mounted for reading, without replaying its log.
    """
    with tempfile.TemporaryDirectory(prefix="cutover-image-") as scratch:
        where = Path(scratch)
        run("mount", "-o", "loop,ro,noload", disk, where)
        try:
            if (where / FOLDER).is_dir():
                yield run(
                    "journalctl", f"--directory={where / FOLDER}", "--no-pager", "--all", "--output=export"
                ).encode()
        finally:
            disks.unmount(where)
