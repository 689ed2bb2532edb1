"""Take over the server's environment in the children of sshd, which starts them with an empty one. app.ini may refer to it."""

from __future__ import annotations

import os
from pathlib import Path


def adopt(process: int) -> None:
    """Add the variables of process `process` (of the same user) that this process does not have. It does nothing when the process has ended."""
    try:
        raw = Path(f"/proc/{process}/environ").read_bytes()
    except OSError:
        return
    for entry in raw.split(b"\0"):
        name, sign, value = os.fsdecode(entry).partition("=")
        if sign:
            os.environ.setdefault(name, value)
