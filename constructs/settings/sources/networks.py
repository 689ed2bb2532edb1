"""The table [source.network]: how the network of an existing source and the destination's are connected."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from settings.base import Model
from settings.sources.values import DESTINATION_CIDR, GatewayId, Network, RouteTableId, SecurityGroupId, VpcId


def _check_unique(values: Sequence[str]) -> tuple[str, ...]:
    if doubled := next((one for one in values if values.count(one) > 1), None):
        raise ValueError(f"each of them once; {doubled} is in the list again")
    return tuple(values)


# TOML has lists; strict models take no list for a tuple.
Networks = Annotated[tuple[Network, ...], Field(strict=False, min_length=1), AfterValidator(_check_unique)]
RouteTables = Annotated[tuple[RouteTableId, ...], Field(strict=False, min_length=1), AfterValidator(_check_unique)]


class PeeredVpcSettings(Model):
    """A VPC of the same account and region. The destination creates the peering, and routes and rules of both sides.

    `route_table_ids`: of the subnets with the source's servers. `application_group_id` and `database_group_id`: security
    groups of the servers, which get ingress rules; the same one for both is accepted.
    """

    kind: Literal["peered"]
    vpc_id: VpcId
    cidr: Network
    route_table_ids: RouteTables
    application_group_id: SecurityGroupId
    database_group_id: SecurityGroupId

    @field_validator("cidr")
    @classmethod
    def _check_overlap(cls, cidr: str) -> str:
        if IPv4Network(cidr).overlaps(IPv4Network(DESTINATION_CIDR)):
            raise ValueError(
                f"a VPC outside of {DESTINATION_CIDR}, which is the destination's own: AWS does not peer networks that overlap"
            )
        return cidr

    @property
    def cidrs(self) -> tuple[str, ...]:
        """Return the networks of the source's servers."""
        return (self.cidr,)


class RoutedNetworkSettings(Model):
    """Networks behind a gateway that exists (VPN, Direct Connect). The destination attaches itself and routes to it.

    The owner of the source manages the routes and firewalls there.
    """

    kind: Literal["routed"]
    cidrs: Networks
    gateway_id: GatewayId


NetworkSettings = Annotated[PeeredVpcSettings | RoutedNetworkSettings, Field(discriminator="kind")]
