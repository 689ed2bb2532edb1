"""What may talk to what, as a model: interfaces, security groups, routes. `ruleset` turns it into one nftables text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Protocol = Literal["tcp", "udp", "icmp", "-1"]


@dataclass(frozen=True)
class Permission:
    """One rule of a security group. Exactly one of `cidr` and `group` names the other side.

    Ports are inclusive and None for protocols without ports ("icmp", and "-1": everything).
    """

    protocol: Protocol
    from_port: int | None = None
    to_port: int | None = None
    cidr: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class SecurityGroup:
    """A security group and its rules for incoming packets."""

    id: str
    ingress: tuple[Permission, ...] = ()
    egress: tuple[Permission, ...] = ()


@dataclass(frozen=True)
class Route:
    """One row of the route table that holds for an interface; the VPC's own ("local") route is understood.

    peering:  `peer` is the other VPC; both ends need a route for a packet to pass.
    gateway:  `peer` is the other network, behind a VPN; both ends need a route for a packet to pass.
    internet: the interface's own public address is used (none: no way out, as behind a real internet gateway).
    nat:      `public_ip` is the NAT gateway's address.
    """

    cidr: str
    via: Literal["peering", "gateway", "internet", "nat"]
    peer: str | None = None
    public_ip: str | None = None


@dataclass(frozen=True)
class Interface:
    """One endpoint that `Network.attach(id, ip)` made. No group at all means that nothing passes.

    `vpc` is the network that it is in: a VPC, or one outside of AWS. Without `has_metadata` the router drops what it sends to
    169.254.169.254, as the router of any other network does.
    """

    id: str
    ip: str
    vpc: str
    groups: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    public_ip: str | None = None
    has_metadata: bool = True


@dataclass(frozen=True)
class Rules:
    """The whole truth at one moment; `Network.apply` replaces the previous one atomically."""

    interfaces: tuple[Interface, ...] = ()
    groups: tuple[SecurityGroup, ...] = field(default=())
