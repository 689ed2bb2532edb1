"""Which processes belong to a world, and how they are ended: by id, after a look at who they are."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from rehearsal.settings import MARK, Settings
from rehearsal.world import namespaces


def find_other_world(settings: Settings) -> str:
    """Return the folder of a world that runs with this world's port and another folder, empty when there is none.

    Both would have the same network namespaces, because their names have the port only.
    """
    prefix, own = f"{MARK}={settings.port}:".encode(), f"{MARK}={settings.mark}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        for one in variables:
            if one.startswith(prefix) and one != own:
                return one[len(prefix) :].decode(errors="replace")
    return ""


def list_world_processes(settings: Settings) -> list[int]:
    """Return the processes that have the world's mark in their environment or live in one of its network namespaces.

    The caller and its ancestors are left out.
    """
    mark = f"{MARK}={settings.mark}".encode()
    inodes = {namespaces.read_inode(name) for name in namespaces.list_existing(settings.name_namespace(""))}
    spared = _list_ancestors()
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) in spared:
            continue
        try:
            marked = mark in (entry / "environ").read_bytes().split(b"\0")
            if marked or (entry / "ns/net").stat().st_ino in inodes:
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it has ended meanwhile
    return found


def has_mark(settings: Settings, process: int) -> bool:
    """Return whether this process id is (still) a process of the world."""
    try:
        return f"{MARK}={settings.mark}".encode() in Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def end(processes: Iterable[int], number: int, timeout: float) -> list[int]:
    """Send the signal and wait; returns those that still run after `timeout` seconds. Ended ones are harmless."""
    waiting: dict[int, int] = {}
    poll = select.poll()
    for process in processes:
        try:
            handle = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        waiting[handle] = process
        poll.register(handle, select.POLLIN)
        try:
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + timeout
    while waiting and (left := deadline - time.monotonic()) > 0:
        for handle, _ in poll.poll(left * 1000):
            poll.unregister(handle)
            del waiting[handle]
            os.close(handle)
    for handle in waiting:
        os.close(handle)
    return list(waiting.values())


def _list_ancestors() -> set[int]:
    """Return this process and all above it."""
    found: set[int] = set()
    process = os.getpid()
    while process > 0:
        found.add(process)
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except FileNotFoundError:
            break
        process = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))
    return found
