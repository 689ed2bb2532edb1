"""Elastic IPs, NAT gateways, and the sources that a rule of a security group can have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from rehearsal.aws.network.endpoints import Endpoint

SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}
"""member of a rule that holds its sources -> the member of one source that identifies it"""


@dataclass
class ElasticIp:
    """A public address of the account; `endpoint` names what has it now."""

    allocation_id: str
    public_ip: str
    endpoint: str | None = None
    association_id: str | None = None


@dataclass
class NatGateway:
    """A NAT gateway; packets leave with its public address."""

    id: str
    endpoint: Endpoint
    allocation_id: str
    public_ip: str
    state: str = "available"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class TransitGateway:
    """A transit gateway with one route table, to which each attachment is associated and its routes are propagated."""

    id: str
    route_table_id: str
    description: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    routes: dict[str, str] = field(default_factory=dict)
    """static routes: CIDR -> attachment"""


@dataclass
class VpcAttachment:
    """A VPC at a transit gateway: packets pass only from and to the zones of its subnets."""

    id: str
    gateway_id: str
    vpc_id: str
    subnet_ids: tuple[str, ...]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
