"""Remove files whose content must not stay on the disk."""

from __future__ import annotations

import os
from pathlib import Path


def erase(path: Path) -> None:
    """Overwrite a file with zeros and remove it, because an image contains the free blocks of the disk too."""
    if path.is_file() and not path.is_symlink():
        with path.open("r+b") as stream:
            stream.write(b"\0" * path.stat().st_size)
            stream.flush()
            os.fsync(stream.fileno())
    path.unlink(missing_ok=True)
