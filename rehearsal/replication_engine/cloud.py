"""What a replication service does in its user's AWS account, as an interface; ec2.py calls the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rehearsal.errors import RehearsalError


class CloudError(RehearsalError):
    """The cloud refused; the message is the cloud's own."""


@dataclass(frozen=True)
class Target:
    """A machine to start. Empty strings mean: the cloud's default."""

    name: str
    instance_type: str
    subnet: str
    security_groups: Sequence[str]
    private_ip: str = ""
    public_ip: bool | None = None
    """None: as the subnet does by default."""
    instance_profile: str = ""
    placement_group: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instance:
    """An EC2 instance: `state` in EC2's words (pending, running, stopped, terminated, …)."""

    id: str
    state: str
    instance_type: str
    private_ip: str
    public_ips: Sequence[str]


class Cloud(Protocol):
    """The user's cloud account."""

    def check_network(self, subnet: str, security_groups: Sequence[str]) -> None:
        """Check subnet and groups. Raises CloudError for those that are not in the region, or groups of another VPC."""

    def make_image(self, name: str, disk: Path) -> str:
        """Put the disk into a snapshot and register it; returns the image id. `disk` lies on the pool and stays."""

    def drop_image(self, image: str) -> None:
        """Deregister the image and delete its snapshot; instances made from it go on."""

    def run(self, image: str, target: Target) -> str:
        """Start one instance; returns its id."""

    def find_instance(self, id_: str) -> Instance | None:
        """Return an instance; None when the cloud does not know it (any more)."""

    def stop(self, id_: str) -> None:
        """Stop an instance."""

    def terminate(self, id_: str) -> None:
        """Return when it is terminated; harmless when it is gone."""
