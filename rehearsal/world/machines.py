"""Machines: systemd-nspawn booting a raw disk in the network namespace of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rehearsal.settings import Settings

State = Literal["booting", "running", "stopped"]


@dataclass(frozen=True)
class MachineSpec:
    """What to boot. The endpoint `id` must be attached to the network before."""

    id: str
    disk: Path
    ip: str
    name: str = ""
    role: str = ""


@dataclass(frozen=True)
class Machine:
    """One machine as recorded in <home>/state/machines/<id>.json; `leader` is its init's process id on the host."""

    id: str
    ip: str
    name: str
    role: str
    state: State
    leader: int | None
    disk: Path


OnExit = Callable[[str], None]
"""Called with the machine's id, on a thread of the owner, when a machine ended without `stop` or `kill` being called."""


class Machines:
    """Owner's side: starts and ends machines. Thread-safe; different machines never wait for each other."""

    def __init__(self, settings: Settings, *, on_exit: OnExit) -> None:
        self.settings = settings

    def start(self, spec: MachineSpec) -> Machine:
        """Mount the disk and start to boot; returns as soon as the machine's init runs."""
        raise NotImplementedError

    def wait_booted(self, machine: str, timeout: float = 60.0) -> None:
        """Return when the machine's systemd reports READY. Raises MachineTimeout, or MachineError when it ended."""
        raise NotImplementedError

    def stop(self, machine: str, timeout: float = 30.0) -> None:
        """Orderly power off, then unmount; kills after `timeout` seconds. Harmless when it does not run."""
        raise NotImplementedError

    def kill(self, machine: str) -> None:
        """Pull the plug, then unmount."""
        raise NotImplementedError

    def reboot(self, machine: str, timeout: float = 60.0) -> None:
        """Orderly restart; returns when it is booted again."""
        raise NotImplementedError

    def describe(self, machine: str, *, name: str | None = None, role: str | None = None) -> None:
        """Record the machine's Name or cutover:role tag, by which `exec` and `machines` know it."""
        raise NotImplementedError

    def list(self) -> list[Machine]:
        raise NotImplementedError
