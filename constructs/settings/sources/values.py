"""Define the kinds of values in the table of an existing source. Each pattern follows the service that gives the id."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated

from applications.installation import SCHEMA
from pydantic import AfterValidator, Field

from settings.values import SecretName, create_pattern_check

EC2_INSTANCE = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")
HYBRID_NODE = re.compile(r"mi-[0-9a-f]{17}")
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html"""
DESTINATION_CIDR = "10.0.0.0/16"
"""network that ReplicationStack creates; a source in the same addresses cannot be reached from it"""
THIS_NETWORK = IPv4Network("0.0.0.0/8")
SHORTEST_PREFIX = 8
"""no owner has a larger network, and the addresses of AWS's own services would be in it"""

_SHORT_OR_LONG = r"([0-9a-f]{8}|[0-9a-f]{17})"


def is_hybrid(node_id: str) -> bool:
    """Return whether the id is that of a hybrid node, of which EC2 knows nothing."""
    return HYBRID_NODE.fullmatch(node_id) is not None


def _check_node(value: str) -> str:
    if not (EC2_INSTANCE.fullmatch(value) or is_hybrid(value)):
        raise ValueError(
            "the id of a managed node of Systems Manager: an EC2 instance (i-…) or a hybrid node (mi-…), as "
            "`aws ssm describe-instance-information` lists them"
        )
    return value


def _check_address(value: str) -> str:
    try:
        address = IPv4Address(value)
    except ValueError:
        raise ValueError("a private IPv4 address such as 192.168.7.20, not a name") from None
    if _is_special(address):
        raise ValueError("a private IPv4 address such as 192.168.7.20, which other machines reach")
    return value


def _is_special(place: IPv4Address | IPv4Network) -> bool:
    """Return whether no other machine can be there (RFC 6890)."""
    first = place.network_address if isinstance(place, IPv4Network) else place
    return place.is_loopback or place.is_link_local or place.is_multicast or place.is_reserved or first in THIS_NETWORK


def _check_network(value: str) -> str:
    """Check a network to which the destination gets a route.

    AWS permits no route to such a gateway that is equal to the VPC's own network or within it. It permits a larger one, which does not
    apply to the VPC's own addresses, and networks that contain each other.
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
    """
    try:
        network = IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"an IPv4 network such as 192.168.7.0/24 ({error})") from None
    if network.subnet_of(IPv4Network(DESTINATION_CIDR)):
        raise ValueError(
            f"a network outside of {DESTINATION_CIDR}, which is the destination's own: traffic to it never leaves the destination"
        )
    if value != str(network):
        raise ValueError(f"an IPv4 network as AWS writes it, with the length of its prefix: {network}")
    if network.prefixlen < SHORTEST_PREFIX:
        raise ValueError(
            f"the networks of the source's servers, /{SHORTEST_PREFIX} or smaller: a route to {network} would replace the way to AWS"
        )
    if _is_special(network):
        raise ValueError("an IPv4 network such as 192.168.7.0/24, which other machines reach")
    return value


def _check_secret_name(value: str) -> str:
    """Check that Secrets Manager cannot take the end of the name for the suffix of an ARN.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
    """
    if re.search(r"-[A-Za-z0-9]{6}\Z", value):
        raise ValueError(
            "the name of a secret that does not end with a hyphen and six characters: Secrets Manager could take them for the "
            "end of an ARN and find no secret. Create the secret with another name"
        )
    return value


def is_address(host: str) -> bool:
    """Return whether a host is given by an IPv4 address and not by a name."""
    return re.fullmatch(r"[\d.]+", host) is not None


def _check_host(value: str) -> str:
    """Check a DNS name, or an address outside of the destination."""
    if is_address(value):
        if IPv4Address(_check_address(value)) in IPv4Network(DESTINATION_CIDR):
            raise ValueError(f"an address outside of {DESTINATION_CIDR}, which is the destination's own")
        return value
    if value == "localhost" or not re.fullmatch(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", value):
        raise ValueError(
            "the DNS name or the IPv4 address of the managed database, without port, and not this server itself"
        )
    return value.lower()


NodeId = Annotated[str, AfterValidator(_check_node)]
Address = Annotated[str, AfterValidator(_check_address)]
DatabaseHost = Annotated[str, AfterValidator(_check_host)]
Network = Annotated[str, AfterValidator(_check_network)]
ExistingSecretName = Annotated[SecretName, AfterValidator(_check_secret_name)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
RoleName = Annotated[
    str,
    create_pattern_check(
        r"[A-Za-z0-9_+=,.@-]{1,64}",
        "the name of the server's role, such as HybridNodes: not its ARN, not its path, and not the name of an instance profile",
    ),
]
SchemaName = Annotated[
    str, create_pattern_check(SCHEMA.pattern, "the name of a schema: letters, digits, _, $ and -, 64 at most")
]
VpcId = Annotated[str, create_pattern_check(rf"vpc-{_SHORT_OR_LONG}", "the id of a VPC (vpc-…) of the same region")]
RouteTableId = Annotated[str, create_pattern_check(rf"rtb-{_SHORT_OR_LONG}", "the id of a route table (rtb-…)")]
SecurityGroupId = Annotated[str, create_pattern_check(rf"sg-{_SHORT_OR_LONG}", "the id of a security group (sg-…)")]
GatewayId = Annotated[
    str,
    create_pattern_check(
        rf"(tgw-[0-9a-f]{{17}}|vgw-{_SHORT_OR_LONG})",
        "the id of a transit gateway (tgw-…) or of a virtual private gateway (vgw-…) of the same region",
    ),
]
