"""Machines outside of AWS: what the commands do to the world and to the networks. tests/rehearsal/aws boots one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.errors import MachineNotFound, MachineTimeout, RehearsalError
from rehearsal.on_premises.machines import OwnMachines
from rehearsal.on_premises.networks import OwnNetworks
from rehearsal.world import Machine, MachineSpec, World

FORGE: dict[str, Any] = {
    "network": "data-centre",
    "machine": "forge",
    "ip": "192.168.7.20",
    "host_name": "forge.corp.example",
    "public_ip": "192.0.2.20",
    "published": [443],
}


class FakeWorld:
    """Boots at once, or never."""

    def __init__(self) -> None:
        self.launched: list[MachineSpec] = []
        self.started: list[MachineSpec] = []
        self.terminated: list[str] = []
        self.boots = True
        self.machines = SimpleNamespace(wait_booted=self.wait_booted, list=self.list_machines, stop=lambda _: None)

    def launch(self, spec: MachineSpec, **_: Any) -> None:
        self.launched.append(spec)

    def start(self, spec: MachineSpec) -> None:
        self.started.append(spec)

    def terminate(self, machine: str) -> None:
        self.terminated.append(machine)

    def wait_booted(self, machine: str, timeout: float) -> None:
        if not self.boots:
            raise MachineTimeout(machine, f"did not boot within {timeout:.0f} s.")

    def list_machines(self) -> list[Machine]:
        return [Machine(one.id, one.ip, one.name, one.role, "stopped", None, one.disk) for one in self.launched]

    def locate_volume(self, machine: str) -> Path:
        return Path(f"/pool/volumes/{machine}.raw")

    def make_image(self, name: str) -> Path:
        return Path(f"/pool/images/{name}.raw")


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def networks() -> OwnNetworks:
    made = OwnNetworks()
    made.add("data-centre", "192.168.7.0/24", "192.0.2.1")
    return made


@pytest.fixture
def applied() -> list[int]:
    return []


@pytest.fixture
def machines(world: FakeWorld, networks: OwnNetworks, applied: list[int]) -> OwnMachines:
    return OwnMachines(cast("World", world), networks, lambda: applied.append(len(networks.get("data-centre").hosts)))


def test_a_machine_boots_with_its_owners_name_in_its_network(
    machines: OwnMachines, world: FakeWorld, networks: OwnNetworks, applied: list[int]
) -> None:
    machines.launch(**FORGE)
    (spec,) = world.launched
    assert (spec.id, spec.ip, spec.own_name) == ("forge", "192.168.7.20", True)
    host = networks.find_host("forge")
    assert host
    assert (host.public_ip, host.published) == ("192.0.2.20", (443,))
    assert applied == [1]


def test_a_machine_that_does_not_boot_leaves_nothing(
    machines: OwnMachines, world: FakeWorld, networks: OwnNetworks, applied: list[int]
) -> None:
    world.boots = False
    with pytest.raises(MachineTimeout):
        machines.launch(**FORGE)
    assert world.terminated == ["forge"]
    assert networks.find_host("forge") is None
    assert applied[-1] == 0


def test_a_machine_outside_of_the_network_is_refused_before_anything_starts(
    machines: OwnMachines, world: FakeWorld
) -> None:
    with pytest.raises(RehearsalError, match=r"10\.0\.0\.9 is not in"):
        machines.launch(**{**FORGE, "ip": "10.0.0.9"})
    with pytest.raises(RehearsalError, match="no network elsewhere"):
        machines.launch(**{**FORGE, "network": "elsewhere"})
    assert world.launched == []


def test_a_machine_that_is_off_boots_again_as_it_was(machines: OwnMachines, world: FakeWorld) -> None:
    machines.launch(**FORGE)
    machines.start("forge")
    assert world.started == world.launched[:1]
    with pytest.raises(MachineNotFound):
        machines.start("other")


def test_a_change_of_the_routers_routes_is_put_in_force(
    machines: OwnMachines, networks: OwnNetworks, applied: list[int]
) -> None:
    machines.set_routes("data-centre", ["10.0.0.0/16"])
    assert networks.get("data-centre").routes == ("10.0.0.0/16",)
    assert applied == [0]
