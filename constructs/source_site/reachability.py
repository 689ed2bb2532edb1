"""Describe how the source's network and the destination's are connected. constructs/destination creates the resources."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from aws_cdk import aws_ec2 as ec2

TRANSIT_GATEWAY, VPN_GATEWAY = "tgw-", "vgw-"


@dataclass(frozen=True, kw_only=True)
class RouteTable:
    """A route table of the source's subnets. `name` distinguishes it in construct ids, also where its id is a token."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PeeredVpc:
    """The source is in a VPC of this account and region. Security groups identify its servers.

    The destination creates the peering connection, the routes of both sides, and the rules in the source's groups.
    """

    vpc_id: str
    cidr: str
    route_tables: tuple[RouteTable, ...]
    """they get the routes to the destination"""
    application_group: ec2.ISecurityGroup
    database_group: ec2.ISecurityGroup

    @property
    def cidrs(self) -> tuple[str, ...]:
        """Return the networks that the destination routes to the source."""
        return (self.cidr,)


@dataclass(frozen=True, kw_only=True)
class RoutedNetwork:
    """The source is behind an existing gateway (VPN, Direct Connect). Addresses identify its servers.

    The destination attaches itself to the gateway and creates its own routes and rules. The owner of the source manages the
    routes and firewalls there. Raises ValueError for another kind of gateway, and for a network that is no IPv4 network.
    """

    cidrs: tuple[str, ...]
    """networks of the source's servers"""
    gateway_id: str
    """a transit gateway (`tgw-…`) or a virtual private gateway (`vgw-…`)"""

    def __post_init__(self) -> None:
        if not self.gateway_id.startswith((TRANSIT_GATEWAY, VPN_GATEWAY)):
            raise ValueError(
                f"{self.gateway_id!r}: expected a transit gateway (tgw-…) or a virtual private gateway (vgw-…)"
            )
        if not self.cidrs:
            raise ValueError("expected at least one network of the source's servers")
        for cidr in self.cidrs:
            try:
                IPv4Network(cidr)
            except ValueError as error:
                raise ValueError(f"{cidr!r} is no IPv4 network such as 192.168.7.0/24: {error}") from error

    def has_address(self, address: str) -> bool:
        """Return whether the address is in one of the networks. Raises ValueError for text that is no IPv4 address."""
        return any(IPv4Address(address) in IPv4Network(cidr) for cidr in self.cidrs)

    @property
    def is_transit(self) -> bool:
        return self.gateway_id.startswith(TRANSIT_GATEWAY)


Reachability = PeeredVpc | RoutedNetwork
