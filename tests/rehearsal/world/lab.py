"""A world without the local AWS, for the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import Queue

from rehearsal.world import Answer, Credentials, Identity, MachineSpec, World, enter


@dataclass
class FakeAws:
    """The responses of the local AWS to a world."""

    identities: dict[str, Identity] = field(default_factory=dict)
    names: dict[str, list[Answer]] = field(default_factory=dict)
    exited: Queue[str] = field(default_factory=Queue)

    def find_identity(self, endpoint: str) -> Identity | None:
        return self.identities.get(endpoint)

    def find_credentials(self, endpoint: str) -> Credentials | None:
        return Credentials("AKIA", "secret", endpoint, datetime.now(UTC) + timedelta(hours=1))

    def resolve(self, name: str, kind: str, endpoint: str) -> list[Answer] | None:
        del endpoint
        found = self.names.get(name)
        return None if found is None else [answer for answer in found if answer.kind in (kind, "CNAME")]

    def record_machine_exit(self, machine: str) -> None:
        self.exited.put(machine)


@dataclass
class Lab:
    world: World
    aws: FakeAws

    def launch(self, machine: str, ip: str, *, role: str = "", user_data: bytes | None = None) -> None:
        """Boot a stock machine."""
        self.aws.identities[machine] = Identity(
            instance_id=machine,
            image_id="ami-1",
            instance_type="t3.micro",
            private_ip=ip,
            availability_zone="us-east-1a",
            region="us-east-1",
            account_id="000000000000",
            role="app",
            user_data=user_data,
        )
        spec = MachineSpec(machine, self.world.locate_volume(machine), ip, name=f"{machine} by name", role=role)
        self.world.launch(spec, image=self.world.make_image("debian-12"))
        self.world.machines.wait_booted(machine)

    def run_script(self, machine: str, script: str, timeout: float = 60.0) -> enter.Completed:
        return enter.run(self.world.settings, machine, ["bash", "-c", script], timeout=timeout)
