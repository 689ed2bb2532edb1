"""Keep everything that has an address in a VPC: machines, balancers, databases, mount targets, replication instances."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.network import exceptions
from rehearsal.aws.network.addresses import Addresses
from rehearsal.aws.registry import Registry


@dataclass
class Endpoint:
    """One interface. `name` is its name in the world's network. Changes count when `Firewall.apply` has run."""

    name: str
    subnet_id: str
    vpc_id: str
    zone: str
    ip: str
    groups: tuple[str, ...]
    public_ip: str | None = None
    elastic: bool = False
    """The public address is an Elastic IP, which outlives the endpoint."""
    returns_public: bool = False
    """It lost a public address when it stopped, and gets another one when it starts."""


class Endpoints:
    """The endpoints that exist, and the addresses they hold. Thread-safe."""

    def __init__(self, registry: Registry) -> None:
        self._lock = threading.RLock()
        self._found: dict[str, Endpoint] = {}
        self._subnets = registry.get_records("ec2", "subnets")
        self._vpcs = registry.get_records("ec2", "vpcs")
        self._groups = registry.get_records("ec2", "security_groups")
        self.addresses = Addresses()

    def add(
        self,
        name: str,
        *,
        subnet_id: str,
        groups: Iterable[str] = (),
        ip: str | None = None,
        public: bool | None = None,
    ) -> Endpoint:
        """Reserve an address; without `groups` the VPC's default group. `public`: None means the setting of the subnet.

        Raises ApiError as RunInstances does. Nothing exists in the world's network yet.
        """
        subnet = self._subnets.get(subnet_id)
        if subnet is None:
            raise exceptions.subnet_not_found(subnet_id)
        vpc = subnet["VpcId"]
        groups = tuple(groups) or (self._vpcs[vpc]["DefaultSecurityGroupId"],)
        self.check_groups(groups, vpc)
        wants_public = subnet["MapPublicIpOnLaunch"] if public is None else public
        with self._lock:
            address = self.addresses.reserve(subnet["CidrBlock"], ip)
            try:
                public_ip = self.addresses.reserve_public() if wants_public else None
            except ApiError:
                self.addresses.release(address)
                raise
            endpoint = Endpoint(name, subnet_id, vpc, subnet["AvailabilityZone"], address, groups, public_ip)
            self._found[name] = endpoint
        return endpoint

    def check_groups(self, groups: Iterable[str], vpc: str) -> None:
        """Check these groups. Raises ApiError for one that does not exist or belongs to another VPC."""
        for group in groups:
            if group not in self._groups:
                raise exceptions.group_not_found(group)
            if self._groups[group]["VpcId"] != vpc:
                raise exceptions.group_of_another_vpc(group, vpc)

    def group_name(self, group: str) -> str:
        """Return the name of a group; its id when there is no such group."""
        return str(self._groups[group]["GroupName"]) if group in self._groups else group

    def renew_public_address(self, endpoint: Endpoint) -> None:
        """Give a new public address to an endpoint that lost its own."""
        if endpoint.returns_public and not endpoint.public_ip:
            endpoint.public_ip, endpoint.returns_public = self.addresses.reserve_public(), False

    def remove(self, name: str) -> None:
        """Remove an endpoint and free its addresses. Does nothing when it is gone."""
        with self._lock:
            endpoint = self._found.pop(name, None)
        if endpoint:
            self.addresses.release(endpoint.ip, None if endpoint.elastic else endpoint.public_ip)

    def get(self, name: str) -> Endpoint | None:
        """Return an endpoint by its name; None when there is none."""
        return self._found.get(name)

    def list_all(self) -> list[Endpoint]:
        """Return all endpoints."""
        with self._lock:
            return list(self._found.values())
