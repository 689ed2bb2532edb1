"""The machines of a world as its owner records them: <home>/state/machines/<id>.json, readable from any process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from rehearsal.errors import MachineNotFound
from rehearsal.settings import Settings
from rehearsal.world.leaders import is_leader

State = Literal["booting", "running", "stopped"]


@dataclass(frozen=True)
class Machine:
    """One machine; `leader` is its init's process id on the host, None when it does not run. `role`: its roles, separated by spaces."""

    id: str
    ip: str
    name: str
    role: str
    state: State
    leader: int | None
    disk: Path
    own_name: bool = False
    """Its owner has given it a host name, which stays; a cloud names its machines by their addresses."""

    def has_role(self, role: str) -> bool:
        """Return whether this is one of its roles."""
        return role in self.role.split()


def write(settings: Settings, machine: Machine) -> None:
    """Save a machine's record."""
    folder = settings.state / "machines"
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{machine.id}.half"
    half.write_text(json.dumps({**asdict(machine), "disk": str(machine.disk)}))
    half.replace(folder / f"{machine.id}.json")


def remove_record(settings: Settings, machine: str) -> None:
    """Remove a machine's record, if there is one."""
    (settings.state / "machines" / f"{machine}.json").unlink(missing_ok=True)


def is_stopped(settings: Settings, machine: Machine) -> bool:
    """Return whether the leader of the record has ended: the machine is off, although its record differs."""
    return machine.leader is not None and not is_leader(settings, machine.id, machine.leader)


def list_machines(settings: Settings) -> list[Machine]:
    """Return every machine, checked against the kernel: a machine without its leader process is `stopped`, even if its record differs."""
    found: list[Machine] = []
    for file in sorted((settings.state / "machines").glob("[!.]*.json")):
        try:
            fields = json.loads(file.read_text())
        except FileNotFoundError:
            continue
        machine = Machine(**{**fields, "disk": Path(fields["disk"])})
        if is_stopped(settings, machine):
            machine = replace(machine, state="stopped", leader=None)
        found.append(machine)
    return found


def find(settings: Settings, who: str) -> Machine:
    """Return a machine by instance id, role tag or Name tag; running ones first. Raises MachineNotFound, also when it is ambiguous."""
    everybody = list_machines(settings)
    matching = [machine for machine in everybody if who in (machine.id, *machine.role.split(), machine.name)]
    matching = [machine for machine in matching if machine.state != "stopped"] or matching
    if len(matching) > 1:
        raise MachineNotFound(who, f"means several: {', '.join(machine.id for machine in matching)}; give one id.")
    if not matching:
        known = ", ".join(f"{machine.id} ({machine.role or machine.name})" for machine in everybody) or "none"
        raise MachineNotFound(who, f"there is none by this id, role or name. There are: {known}.")
    return matching[0]
