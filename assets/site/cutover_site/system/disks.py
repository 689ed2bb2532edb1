"""How full the machine is."""

from __future__ import annotations

import shutil
from pathlib import Path


def usage(*paths: str) -> dict[str, dict[str, int]]:
    """Bytes per path that exists."""
    found = {path: shutil.disk_usage(path) for path in paths if Path(path).exists()}
    return {path: {"total": use.total, "used": use.used, "free": use.free} for path, use in found.items()}
