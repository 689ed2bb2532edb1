"""Write logs: of the server to standard error and <log>/gogs.log, of hooks and SSH sessions to their own files."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def log_to_file(folder: Path, name: str, *, console: bool = False) -> None:
    """Write every message of this process to a file, from now on.

    When the folder is not writable, the process continues without the file.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)] if console else []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(folder / name, delay=True))
    except OSError as error:
        print(f"gogs: no log in {folder}: {error}", file=sys.stderr)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(_FORMAT)
        root.addHandler(handler)
