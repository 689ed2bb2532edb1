"""Save and restore the disks of running machines, for a checkpoint of the world.

The API shows no change: an instance keeps its id, address and records, a database its endpoint, and both run afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from rehearsal.aws.commands import Command
from rehearsal.aws.ec2.instances import Instances
from rehearsal.errors import MachineError
from rehearsal.settings import Settings
from rehearsal.world import World, disks, enter

BOOT_SECONDS = 120.0


class MachineDisks:
    """`folder` holds one <machine>.raw each and lies on the pool. Different machines are worked on at the same time."""

    def __init__(self, settings: Settings, world: World, instances: Instances) -> None:
        self._settings, self._world, self._instances = settings, world, instances

    @property
    def commands(self) -> Mapping[str, Command]:
        """Return the control commands on disks and machines."""
        return {"disks/save": self.save, "machines/cut-power": self.cut_power, "machines/put-back": self.put_back}

    def save(self, folder: str, machines: Sequence[str]) -> dict[str, Any]:
        """Take consistent snapshots, and return the seconds for which the writers of each machine waited. Raises MachineError."""

        def save_machine(machine: str) -> float:
            record = enter.find(self._settings, machine)
            if record.leader is None:
                raise MachineError(machine, "does not run, so its disk cannot be put back into a running machine.")
            return disks.snapshot(record.disk, self._settings.mounts / machine, Path(folder) / f"{machine}.raw")

        return {"waited": _run_for_each(machines, save_machine)}

    def cut_power(self, machines: Sequence[str]) -> None:
        """Cut the power of the machines. Returns when nothing runs on them and their disks are unmounted; harmless when they are off."""
        _run_for_each(machines, self._world.machines.kill)

    def put_back(self, folder: str, machines: Sequence[str]) -> None:
        """Boot each machine from its saved disk. Raises MachineError for one that is gone or does not boot."""

        def put_machine_back(machine: str) -> None:
            saved, instance = Path(folder) / f"{machine}.raw", self._instances.find(machine)
            if instance is not None:
                self._instances.put_back(instance, saved)
            else:
                self._world.put_back(machine, saved)
                self._world.machines.wait_booted(machine, BOOT_SECONDS)

        _run_for_each(machines, put_machine_back)


Result = TypeVar("Result")


def _run_for_each(machines: Sequence[str], work: Callable[[str], Result]) -> dict[str, Result]:
    if not machines:
        return {}
    with ThreadPoolExecutor(len(machines), thread_name_prefix="machine-disks") as pool:
        return dict(zip(machines, pool.map(work, machines), strict=True))
