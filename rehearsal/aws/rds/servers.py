"""The machines of database instances: each boots from the image `rds`, or from the disk of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from rehearsal.aws.rds import appliance
from rehearsal.aws.rds.models import Database
from rehearsal.errors import RehearsalError
from rehearsal.world import MachineSpec, World, disks, enter

BOOT_SECONDS = 180.0


class Servers:
    """Boots, copies and removes the machines. Every method takes as long as its work. Different machines never wait for each other."""

    def __init__(self, world: World, apply_firewall: Callable[[], None]) -> None:
        self._world, self._apply_firewall = world, apply_firewall

    def create(self, database: Database, parameters: Mapping[str, str], password: str) -> None:
        """Boot an empty server and make its master user. Raises RehearsalError, ApiError."""
        properties = database.properties
        master = appliance.render_statements(
            self._world.database.product, properties["MasterUsername"], password, properties.get("DBName")
        )
        self._boot(database, parameters, self._world.make_image("rds"))
        # By standard input: the password is on no disk, and in no command line.
        name = database.endpoint.name
        made = enter.run(self._world.settings, name, ["mysql"], input=master, timeout=60)
        if made.exit_code:
            raise RehearsalError(f"the master user of {name} was not made: {made.stderr.strip().splitlines()[-1:]}")

    def restore(self, database: Database, parameters: Mapping[str, str], disk: Path) -> None:
        """Boot a server from the disk of a snapshot. Its users and passwords are on the disk. Raises RehearsalError."""
        self._boot(database, parameters, disk)

    def take_snapshot(self, database: Database, target: Path) -> None:
        """Copy the disk at one point in time. The server recovers from it as from a loss of power. Raises RehearsalError."""
        name, settings = database.endpoint.name, self._world.settings
        target.parent.mkdir(exist_ok=True)
        disks.snapshot(self._world.locate_volume(name), settings.mounts / name, target)

    def rename(self, database: Database, identifier: str, address: str) -> None:
        """Give the server a certificate for its new address, and reboot it, which ends every connection. Raises RehearsalError."""
        name, world = database.endpoint.name, self._world
        appliance.install_certificate(
            world.settings.mounts / name, world.database.product, world.issue_certificate(address, [])
        )
        world.machines.describe(name, name=identifier)
        self.reboot(database)

    def reboot(self, database: Database) -> None:
        """Reboot the machine. Connections break, the address stays. Raises RehearsalError."""
        self._world.machines.reboot(database.endpoint.name, BOOT_SECONDS)
        self._check(database.endpoint.name)

    def remove(self, database: Database) -> None:
        """Remove the machine and its disk; harmless when they are gone."""
        self._world.terminate(database.endpoint.name)

    def _boot(self, database: Database, parameters: Mapping[str, str], image: Path) -> None:
        product, world = self._world.database.product, self._world
        options = appliance.render_configuration(product, database.port, parameters)
        certificate = world.issue_certificate(database.address, [])
        name = database.endpoint.name
        spec = MachineSpec(name, world.locate_volume(name), database.endpoint.ip, name=database.id, role="rds")
        world.attach(name, database.endpoint.ip)
        self._apply_firewall()
        world.launch(
            spec,
            image=image,
            prepare=lambda root: appliance.install(root, product, options=options, certificate=certificate),
        )
        world.machines.wait_booted(name, BOOT_SECONDS)
        self._check(name)

    def _check(self, machine: str) -> None:
        """Require a server that runs: a machine boots without it as well. Raises RehearsalError with what the server logged."""
        asked = enter.run(self._world.settings, machine, ["mysqladmin", "--connect-timeout=30", "ping"], timeout=60)
        if asked.exit_code:
            unit = appliance.APPLIANCES[self._world.database.product].unit
            journal = ["journalctl", "-qu", unit, "-o", "cat", "-n", "30"]
            completed = enter.run(self._world.settings, machine, journal, timeout=60)
            errors = [line for line in completed.stdout.splitlines() if "ERROR" in line]
            raise RehearsalError(
                f"the database server of {machine} does not run: {(errors or [asked.stderr.strip()])[-1]}"
            )
