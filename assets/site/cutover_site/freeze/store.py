"""The freeze state on disk, with a lock so that only one verb at a time changes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutover_site.freeze.state import FreezeState, parse_state, serialize_state
from cutover_site.system import locks, textfiles


class FreezeStore:
    """The file with the freeze state."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Hold the lock that the dead man's switch and the verbs of the procedure share."""
        with locks.hold_lock(self._path.with_suffix(".lock")):
            yield

    def read(self) -> FreezeState:
        """Return the state, "open" when there is no file. Raises NotConfigured when the file is damaged."""
        try:
            return parse_state(self._path.read_text())
        except FileNotFoundError:
            return FreezeState()

    def write(self, state: FreezeState) -> None:
        """Write the state. After the return it survives a crash of the machine."""
        textfiles.replace(self._path, serialize_state(state), mode=0o600)
