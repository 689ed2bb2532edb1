"""The leader of a machine (its init), found by its network namespace and signalled by a pidfd.

The kernel may give a process id to another process as soon as its process has ended and its parent has collected it.
"""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

from rehearsal.settings import Settings
from rehearsal.world import namespaces

END_SECONDS = 10.0


def is_leader(settings: Settings, machine: str, process: int) -> bool:
    """Return whether this process is still the machine's init, and not another one with its number."""
    return _has_network(process, namespaces.read_inode(settings.name_namespace(machine)))


def kill_leader(settings: Settings, machine: str, process: int) -> bool:
    """Cut the machine's power: kill its init and so all its processes, and wait until they have ended.

    Return False when the init had already ended.
    """
    return kill_inside(process, namespaces.read_inode(settings.name_namespace(machine)))


def kill_inside(process: int, network: int | None) -> bool:
    """Kill the process if it is in the network namespace with this inode, and wait for its end. Return whether it was."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return False
    try:
        # Only after the handle is open: it means the process that is checked here, whichever process gets the number later.
        if not _has_network(process, network):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [], END_SECONDS)  # readable when the process has ended
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def _has_network(process: int, network: int | None) -> bool:
    try:
        return Path(f"/proc/{process}/ns/net").stat().st_ino == network
    except (FileNotFoundError, ProcessLookupError):
        return False
