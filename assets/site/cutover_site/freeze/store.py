"""The freeze states on disk, with a lock so that only one verb at a time changes them.

A server with one role has one state. A server with both has one for each, because the application's has a lease and the database's follows the
run record. They share the lock and the timer of the dead man's switch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutover_site.errors import NotConfigured
from cutover_site.freeze import lease
from cutover_site.freeze.state import FreezeState, parse_state, serialize_state
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system import locks, textfiles


class FreezeStore:
    """The file with the freeze state of one role. `lock`: the file of another role on this machine, which has the same lock."""

    def __init__(self, path: Path, lock: Path | None = None) -> None:
        self._path = path
        self._lock = (lock or path).with_suffix(".lock")

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Hold the lock that the dead man's switch and the verbs of the procedure share."""
        with locks.hold_lock(self._lock):
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

    def is_frozen(self) -> bool:
        """Return whether the role is frozen. A damaged file counts as frozen."""
        try:
            return self.read().name == "frozen"
        except NotConfigured:
            return True


def has_both_roles(machine: Machine) -> bool:
    """Return whether the application and its database are on this source server.

    By the disk, because the dead man's switch must know it while AWS is unreachable. `guard` keeps it from a launched copy.
    """
    return {"source-app", "source-database"} <= set(machine.config.roles)


def open_database_store(machine: Machine) -> FreezeStore:
    """Return the store with the freeze state of the database server."""
    layout = machine.layout
    if has_both_roles(machine):
        return FreezeStore(layout.database_freeze_file, layout.freeze_file)
    return FreezeStore(layout.freeze_file)


def arm_for_database(machine: Machine) -> None:
    """Let the dead man's switch look at the run record. An application that is frozen here has armed it already, with the end of its lease."""
    if not (has_both_roles(machine) and FreezeStore(machine.layout.freeze_file).is_frozen()):
        lease.arm(machine.layout.root, 0.0)


def disarm_for_database(machine: Machine) -> None:
    """Stop the dead man's switch, unless an application that is frozen here needs it."""
    if not (has_both_roles(machine) and FreezeStore(machine.layout.freeze_file).is_frozen()):
        lease.disarm(machine.layout.root)


def disarm_for_application(layout: Layout) -> None:
    """Stop the dead man's switch, unless a database that is frozen here needs it: then it goes on without the end of the lease."""
    if FreezeStore(layout.database_freeze_file).is_frozen():
        lease.arm(layout.root, 0.0)
    else:
        lease.disarm(layout.root)
