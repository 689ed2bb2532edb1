"""Read how full the disks are."""

from __future__ import annotations

import shutil
from pathlib import Path


def read_usage(*paths: str) -> dict[str, dict[str, int]]:
    """Return total, used and free bytes of the file system of each path that exists."""
    found = {path: shutil.disk_usage(path) for path in paths if Path(path).exists()}
    return {path: {"total": use.total, "used": use.used, "free": use.free} for path, use in found.items()}
