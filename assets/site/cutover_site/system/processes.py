"""Find and end processes by their arguments, user and folder, which it reads in /proc."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A running process."""

    pid: int
    arguments: tuple[str, ...]
    """at least the program"""
    user: int
    folder: str
    """its working directory"""


def find(wanted: Callable[[Process], bool], proc: Path = Path("/proc")) -> list[Process]:
    """Return every process for which `wanted` is true, except this one."""
    found: list[Process] = []
    for folder in proc.iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            raw = (folder / "cmdline").read_bytes()
            user, place = folder.stat().st_uid, str((folder / "cwd").readlink())
        except OSError:
            continue  # it ended meanwhile
        arguments = tuple(part.decode(errors="replace") for part in raw.split(b"\0") if part)
        if arguments and wanted(process := Process(int(folder.name), arguments, user, place)):
            found.append(process)
    return found


def end(wanted: Callable[[Process], bool], *, grace: float = 2.0) -> int:
    """End all processes for which `wanted` is true. Return how many there were. Sends TERM first, and KILL after `grace` seconds.

    Waits on process descriptors, so it returns as soon as the last process has ended. Raises TimeoutError if one survives KILL
    for 5 seconds (a process in uninterruptible sleep).
    """
    processes = find(wanted)
    if not processes:
        return 0
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        _signal(processes, number)
        deadline = time.monotonic() + seconds
        for process in processes:
            _await_exit(process.pid, max(0.0, deadline - time.monotonic()))
        if not find(wanted):
            return len(processes)
        processes = find(wanted)
    raise TimeoutError(f"processes {[process.pid for process in processes]} cannot be ended")


def _signal(processes: list[Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            continue


def _await_exit(pid: int, seconds: float) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([descriptor], [], [], seconds)
    finally:
        os.close(descriptor)
