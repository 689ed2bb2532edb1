"""How full the machine is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def usage(*paths: str) -> dict[str, dict[str, int]]:
    """Bytes per path that exists."""
    found = {path: shutil.disk_usage(path) for path in paths if Path(path).exists()}
    return {path: {"total": use.total, "used": use.used, "free": use.free} for path, use in found.items()}


def size(folder: Path) -> int:
    """Bytes of all files below, as the file system counts their length; hard links once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            try:
                status = os.lstat(os.path.join(place, name))  # noqa: PTH118  millions of files: no objects
            except FileNotFoundError:
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_size
    return total
