"""Replace files atomically and durably."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace(path: Path, content: str, *, mode: int = 0o644, owner: tuple[int, int] | None = None) -> bool:
    """Replace the content of a file. Return whether it has changed. `owner`: uid and gid. Raises OSError.

    A reader sees either the old content or the new one, also after a crash.
    """
    return replace_bytes(path, content.encode(), mode=mode, owner=owner)


def replace_bytes(path: Path, content: bytes, *, mode: int = 0o644, owner: tuple[int, int] | None = None) -> bool:
    """Replace the content of a file, as `replace` does."""
    if not path.is_symlink() and path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            if owner is not None:
                os.fchown(stream.fileno(), *owner)
            os.fchmod(stream.fileno(), mode)  # last: a change of the owner removes setuid and setgid
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
