"""Define what the control plane needs of the rest of the local AWS. `rehearsal.dms.world` implements it; tests have their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol

Actions = dict[str, Callable[..., Mapping[str, Any] | None]]
"""By name; each takes the request's parameters in snake case and returns the response in boto3's form."""


@dataclass(frozen=True)
class Subnet:
    """A subnet of the VPC."""

    id: str
    vpc: str
    zone: str


@dataclass(frozen=True)
class Place:
    """Where a replication instance is."""

    ip: str
    zone: str
    public_ip: str | None = None


class Network(Protocol):
    """The network in which instances are."""

    def find_subnet(self, subnet_id: str) -> Subnet | None:
        """Return a subnet; None when there is none."""

    def open(self, name: str, *, subnet_id: str, groups: Sequence[str], public: bool) -> Place:
        """Reserve an address in the subnet, with a namespace behind it. Raises ApiError for groups that are not the VPC's."""

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        """Set other security groups."""

    def close(self, name: str) -> None:
        """Free the address."""

    def start_process(self, name: str, command: Sequence[str], *, stderr: int | IO[Any]) -> subprocess.Popen[bytes]:
        """Start a process of the host in the instance's namespace, with pipes for input and output."""


class Denied(Exception):
    """The account does not allow DMS this access. The message names what is missing."""


class Account(Protocol):
    """The account in which DMS works."""

    def check_service_role(self, name: str, policy: str) -> None:
        """Check the role of this name. Raises Denied unless DMS can assume it, and it has this policy."""

    def read_secret(self, role_arn: str, secret: str) -> Mapping[str, Any]:
        """Return the secret's JSON, read with the role. Raises Denied."""

    def publish_metrics(self, data: Sequence[Mapping[str, Any]]) -> None:
        """Publish metrics in AWS/DMS."""

    def write_report(self, bucket: str, key: str, body: str) -> None:
        """Write a report to S3. Raises Denied."""
