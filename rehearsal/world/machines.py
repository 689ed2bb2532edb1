"""Machines: systemd-nspawn booting a raw disk, each in the network namespace of its endpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rehearsal.errors import MachineError, MachineNotFound, MachineTimeout
from rehearsal.settings import Settings
from rehearsal.world import disks, records
from rehearsal.world.host_config import inject_host_config
from rehearsal.world.nspawn import Nspawn
from rehearsal.world.records import Machine, State

__all__ = ["Machine", "MachineSpec", "Machines", "OnExit", "State"]


@dataclass(frozen=True)
class MachineSpec:
    """What to boot. The endpoint `id` must be attached to the network before.

    `name` and `role` are its tags Name and cutover:role, by which people find it. With `own_name` the host name in the
    disk stays; otherwise the machine gets the name that a cloud gives it by its address.
    """

    id: str
    disk: Path
    ip: str
    name: str = ""
    role: str = ""
    own_name: bool = False


UNMOUNT_SECONDS = 10.0
OnExit = Callable[[str], None]
"""Called with the machine's id, on a thread of the owner, when a machine ended without `stop` or `kill` being called.
Its disk is unmounted by then."""


class _Running:
    def __init__(self, record: Machine) -> None:
        self.record = record
        self.system: Nspawn | None = None
        self.wanted_end = False
        self.gone = threading.Event()
        """Ended, unmounted and recorded."""


class Machines:
    """Owner's side: starts and ends machines. Thread-safe; different machines never wait for each other."""

    def __init__(self, settings: Settings, *, on_exit: OnExit) -> None:
        self.settings = settings
        self._on_exit = on_exit
        self._running: dict[str, _Running] = {}
        self._lock = threading.RLock()

    def start(self, spec: MachineSpec) -> Machine:
        """Mount the disk and start to boot; returns as soon as the machine's init runs.

        Raises MachineError when it runs already or ends at once; its console is in <home>/logs/machines/<id>.log.
        """
        record = Machine(spec.id, spec.ip, spec.name, spec.role, "booting", None, spec.disk, spec.own_name)
        running = _Running(record)
        self._wait_for_unmounted_disk(spec.id)
        with self._lock:
            if spec.id in self._running:
                raise MachineError(spec.id, "runs already.")
            self._running[spec.id] = running
        root = self.settings.mounts / spec.id
        try:
            disks.mount(spec.disk, root)
            inject_host_config(root, self.settings, None if spec.own_name else spec.ip)
            running.system = Nspawn(self.settings, spec.id, root, partial(self._record_change, running))
        except BaseException:
            disks.unmount(root)
            with self._lock:
                del self._running[spec.id]
            raise
        system = running.system
        system.wait(lambda: system.leader is not None)
        if system.leader is None:
            running.gone.wait()
            raise MachineError(spec.id, f"did not start; see {self.settings.logs}/machines/{spec.id}.log.")
        return running.record

    def _wait_for_unmounted_disk(self, machine: str) -> None:
        """Wait until a machine that has just lost its power has left its disk. Everybody sees it as stopped before that."""
        with self._lock:
            running = self._running.get(machine)
        if running and running.record.leader is not None and records.is_stopped(self.settings, running.record):
            running.gone.wait(UNMOUNT_SECONDS)

    def wait_booted(self, machine: str, timeout: float = 60.0) -> None:
        """Return when the machine's systemd reports READY. Raises MachineTimeout, or MachineError when it ended."""
        system = self._find_system(machine)
        if not system.wait(lambda: system.ready, timeout):
            raise MachineTimeout(machine, f"did not boot within {timeout:.0f} s.")
        if system.ended:
            raise MachineError(machine, "ended while it booted.")

    def stop(self, machine: str, timeout: float = 30.0) -> None:
        """Power the machine off and unmount its disk. Kill it after `timeout` seconds. A stopped machine stays stopped."""
        self._end(machine, timeout)

    def kill(self, machine: str) -> None:
        """Kill the machine and unmount its disk. A stopped machine stays stopped."""
        self._end(machine, None)

    def reboot(self, machine: str, timeout: float = 60.0) -> None:
        """Restart the machine and return when it has booted again. Raises as `wait_booted` does."""
        system = self._find_system(machine)
        boots = system.boots
        system.restart()
        if not system.wait(lambda: system.boots > boots, timeout):
            raise MachineTimeout(machine, f"did not restart within {timeout:.0f} s.")
        if system.ended:
            raise MachineError(machine, "ended while it restarted.")

    def describe(self, machine: str, *, name: str | None = None, role: str | None = None) -> None:
        """Record the machine's tags Name or cutover:role, by which `exec` and `machines` know it."""
        with self._lock:
            running = self._running.get(machine)
            known = running.record if running else next((m for m in self.list() if m.id == machine), None)
            if known is None:
                raise MachineNotFound(machine, "there is none by this id.")
            record = replace(
                known, name=known.name if name is None else name, role=known.role if role is None else role
            )
            if running:
                running.record = record
            records.write(self.settings, record)

    def list(self) -> list[Machine]:
        """Return all machines of the world."""
        return records.list_machines(self.settings)

    def close(self) -> None:
        """Cut the power of every machine."""
        with self._lock:
            left = list(self._running)
        threads = [threading.Thread(target=self.kill, args=(machine,)) for machine in left]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _find_system(self, machine: str) -> Nspawn:
        with self._lock:
            running = self._running.get(machine)
        if running is None or running.system is None:
            raise MachineError(machine, "does not run.")
        return running.system

    def _end(self, machine: str, orderly: float | None) -> None:
        with self._lock:
            running = self._running.get(machine)
            if running is None or running.system is None:
                return
            running.wanted_end = True
        if orderly is not None:
            running.system.request_power_off()
        if orderly is None or not running.system.wait(lambda: False, orderly):
            running.system.cut_power()
        running.gone.wait()

    def _record_change(self, running: _Running, system: Nspawn) -> None:
        """Record the new state, and clean up after the machine's end. It runs on the machine's own thread."""
        if system.ended:
            try:
                disks.unmount(self.settings.mounts / running.record.id)
            finally:
                with self._lock:
                    self._record(running, "stopped", None)
                    del self._running[running.record.id]
                running.gone.set()
            if not running.wanted_end:
                self._on_exit(running.record.id)
        else:
            with self._lock:
                self._record(running, "running" if system.ready else "booting", system.leader)

    def _record(self, running: _Running, state: State, leader: int | None) -> None:
        running.record = replace(running.record, state=state, leader=leader)
        records.write(self.settings, running.record)
