"""Read the journal of an image's disk with journalctl. Long fields are compressed on the disk, so a search of its blocks misses them."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.world import disks
from rehearsal.world.shell import run

FOLDER = "var/log/journal"
PIECE = 1 << 20
LEFT_OUT = "ignoring file"
"""message of journalctl about a damaged file; it still ends with exit code 0"""


def read_image_journal(disk: Path) -> Iterator[bytes]:
    """Yield the journal of an image; nothing for a disk without a journal. Raises RehearsalError when the disk or its journal cannot be read.

    The disk is not changed: it is mounted for reading, without replaying its log.
    """
    with tempfile.TemporaryDirectory(prefix="cutover-image-") as scratch:
        where = Path(scratch)
        run("mount", "-o", "loop,ro,noload", disk, where)
        try:
            if (where / FOLDER).is_dir():
                yield from read_journal(where / FOLDER)
        finally:
            disks.unmount(where)


def read_journal(folder: Path) -> Iterator[bytes]:
    """Yield what journalctl exports of the journals in `folder`, as bytes: a field may hold anything. Raises RehearsalError when one is damaged."""
    words = ["journalctl", f"--directory={folder}", "--no-pager", "--quiet", "--all", "--output=export"]
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout
            while piece := process.stdout.read(PIECE):
                yield piece
        errors.seek(0)
        output = errors.read().decode(errors="replace").strip()
    if process.returncode or LEFT_OUT in output:
        raise RehearsalError(f"the journal of an image could not be read completely: {output[-200:]}")
