"""sshd gives its children a clean environment; they take the server's, on which app.ini may rely."""

from __future__ import annotations

import os
from pathlib import Path


def adopt(process: int) -> None:
    """Add what process `process` (of the same user) has and this one has not. Nothing when it is gone."""
    try:
        raw = Path(f"/proc/{process}/environ").read_bytes()
    except OSError:
        return
    for entry in raw.split(b"\0"):
        name, sign, value = os.fsdecode(entry).partition("=")
        if sign:
            os.environ.setdefault(name, value)
