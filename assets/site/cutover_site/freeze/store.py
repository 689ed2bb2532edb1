"""The freeze state on disk. One verb at a time changes it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutover_site.freeze.state import FreezeState, dump, parse
from cutover_site.system import textfiles


class FreezeStore:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The dead man's switch and the verbs of the procedure exclude each other."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self) -> FreezeState:
        """Raises NotConfigured when the file is damaged."""
        try:
            return parse(self._path.read_text())
        except FileNotFoundError:
            return FreezeState()

    def write(self, state: FreezeState) -> None:
        textfiles.replace(self._path, dump(state), mode=0o600)
