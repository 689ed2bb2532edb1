"""Run machines outside of AWS: from the stock image, in a network of their owner, without anything that a cloud gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rehearsal.errors import MachineNotFound
from rehearsal.on_premises.networks import Host, OwnNetworks
from rehearsal.world import MachineSpec, World
from rehearsal.world.host_config import write_host_name

BOOT_SECONDS = 120.0
IMAGE = "debian-12"
_GIB = 1 << 30


class OwnMachines:
    """`apply_firewall` puts a change of the networks in force. Thread-safe, as its parts are."""

    def __init__(self, world: World, networks: OwnNetworks, apply_firewall: Callable[[], None]) -> None:
        self._world, self._networks, self._apply = world, networks, apply_firewall

    @property
    def commands(self) -> dict[str, Callable[..., dict[str, Any] | None]]:
        """Return the control commands on networks and machines outside of AWS."""
        return {
            "on-premises/add-network": self.add_network,
            "on-premises/set-routes": self.set_routes,
            "on-premises/launch": self.launch,
            "on-premises/start": self.start,
            "on-premises/stop": self.stop,
            "on-premises/remove": self.remove,
        }

    def add_network(self, name: str, cidr: str, router_ip: str) -> None:
        """Add a network with a router. Raises RehearsalError."""
        self._networks.add(name, cidr, router_ip)

    def set_routes(self, network: str, destinations: Sequence[str]) -> None:
        """Replace what the network's router sends into its VPN tunnels. Raises RehearsalError."""
        self._networks.set_routes(network, destinations)
        self._apply()

    def launch(
        self,
        network: str,
        machine: str,
        ip: str,
        host_name: str,
        public_ip: str | None = None,
        published: Sequence[int] = (),
        role: str = "",
        size_gib: int | None = None,
        image: str = IMAGE,
    ) -> None:
        """Boot a new machine with this host name; return when it has booted. Raises RehearsalError with nothing left of it.

        `image`: one of the world's.
        """
        self._networks.add_host(network, Host(machine, ip, public_ip, tuple(published)))
        spec = MachineSpec(
            machine, self._world.locate_volume(machine), ip, name=machine, role=role or machine, own_name=True
        )
        try:
            self._world.launch(
                spec,
                image=self._world.make_image(image),
                size=None if size_gib is None else size_gib * _GIB,
                prepare=lambda root: _give_identity(root, host_name),
            )
            self._apply()
            self._world.machines.wait_booted(machine, BOOT_SECONDS)
        except BaseException:
            self.remove(network, machine)
            raise

    def start(self, machine: str) -> None:
        """Boot a machine that is off; return when it has booted. Raises RehearsalError."""
        record = next((one for one in self._world.machines.list() if one.id == machine), None)
        if record is None or self._networks.find_host(machine) is None:
            raise MachineNotFound(machine, "there is none by this id outside of AWS.")
        self._world.start(
            MachineSpec(record.id, record.disk, record.ip, name=record.name, role=record.role, own_name=True)
        )
        self._apply()
        self._world.machines.wait_booted(machine, BOOT_SECONDS)

    def stop(self, machine: str) -> None:
        """Power a machine off; harmless when it is off."""
        self._world.machines.stop(machine)

    def remove(self, network: str, machine: str) -> None:
        """Remove a machine with its disk; harmless when it is gone."""
        self._world.terminate(machine)
        self._networks.remove_host(network, machine)
        self._apply()


def _give_identity(root: Path, host_name: str) -> None:
    """Write the host name, and that the clock is synchronized: it is the host's, and systemd-timesyncd runs in no container."""
    write_host_name(root, host_name)
    file = root / "etc/tmpfiles.d/timesync.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("d /run/systemd/timesync 0755 root root\nf /run/systemd/timesync/synchronized 0644 root root\n")
