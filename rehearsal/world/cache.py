"""The cache that all worlds of a user share: files named by the hash of the recipe that makes them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_MONTH = 30 * 86400.0
Report = Callable[[str], None]
"""called with a short text about the work that starts now, for the operator"""


def compute_digest(*parts: str | bytes) -> str:
    """Return sixteen hex digits that change when any part does."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:16]


def compute_folder_digest(folder: Path) -> str:
    """Return the digest of names, modes (executable or not) and contents of all files below `folder`."""
    parts: list[str | bytes] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        parts += [f"{file.relative_to(folder)} {bool(file.stat().st_mode & 0o100)}", file.read_bytes()]
    return compute_digest(*parts)


@contextmanager
def locked(cache: Path, name: str) -> Iterator[None]:
    """Hold the lock of `name`, so that one process makes it; the others wait for it and find it made."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_once(cache: Path, name: str, make: Callable[[Path], None], *, starting: Callable[[], None]) -> Path:
    """Return <cache>/<name>. If it is missing, `make` fills a path beside it, which gets the name when it is complete."""
    target = cache / name
    if target.exists():
        os.utime(target)  # in use: see `prune`
        return target
    with locked(cache, name):
        if target.exists():
            return target
        starting()
        half = cache / f"{name}.half"
        remove(half)
        try:
            make(half)
            half.rename(target)
        finally:
            remove(half)
    return target


def prune(cache: Path, *, older: float = _MONTH) -> None:
    """Remove what no world has used for `older` seconds."""
    for entry in cache.glob("[!.]*-*"):
        if time.time() - entry.stat().st_mtime > older:
            with locked(cache, entry.name):
                remove(entry)


def remove(path: Path) -> None:
    """Remove a file or a whole folder; harmless when there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
