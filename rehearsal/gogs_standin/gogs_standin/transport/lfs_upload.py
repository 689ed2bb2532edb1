"""Receive an LFS object: it is complete under its name, or it does not exist."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20


def receive(stream: IO[bytes], oid: str, target: Path, incoming: Path) -> int | None:
    """Return the number of bytes, or None when the content is not the object `oid`.

    `incoming` and `target` must be on one file system, because the complete file is renamed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=incoming, delete=False) as half:
        try:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += half.write(chunk)
            half.flush()
            if digest.hexdigest() != oid:
                return None
            Path(half.name).chmod(0o644)
            Path(half.name).rename(target)
        finally:
            Path(half.name).unlink(missing_ok=True)
    return size
