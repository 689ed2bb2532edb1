"""Format addresses, NAT gateways and rules of security groups as the API of EC2 returns them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.network.endpoints import Endpoint
from rehearsal.aws.network.models import SOURCES, ElasticIp, NatGateway

Tags = list[dict[str, str]]


def format_address(address: ElasticIp, endpoint: Endpoint | None, tags: Tags) -> dict[str, Any]:
    """Return an elastic IP as DescribeAddresses returns it."""
    held = (
        {
            "AssociationId": address.association_id,
            "InstanceId": endpoint.name if endpoint.name.startswith("i-") else None,
            "PrivateIpAddress": endpoint.ip,
        }
        if endpoint
        else {}
    )
    return {
        "AllocationId": address.allocation_id,
        "PublicIp": address.public_ip,
        "Domain": "vpc",
        "Tags": tags,
        **held,
    }


def format_gateway(gateway: NatGateway, tags: Tags) -> dict[str, Any]:
    """Return a gateway as DescribeNatGateways returns it."""
    address = {
        "AllocationId": gateway.allocation_id,
        "PublicIp": gateway.public_ip,
        "PrivateIp": gateway.endpoint.ip,
        "IsPrimary": True,
        "Status": "succeeded",
    }
    return {
        "NatGatewayId": gateway.id,
        "SubnetId": gateway.endpoint.subnet_id,
        "VpcId": gateway.endpoint.vpc_id,
        "State": gateway.state,
        "ConnectivityType": "public",
        "CreateTime": gateway.created,
        "NatGatewayAddresses": [address],
        "Tags": tags,
    }


def format_rule(group_id: str, side: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule of a group as AuthorizeSecurityGroupIngress and its like return it."""
    kind = next(kind for kind in SOURCES if rule[kind])
    source = rule[kind][0]
    where: dict[str, Any] = {
        "IpRanges": {"CidrIpv4": source.get("CidrIp")},
        "Ipv6Ranges": {"CidrIpv6": source.get("CidrIpv6")},
        "PrefixListIds": {"PrefixListId": source.get("PrefixListId")},
        "UserIdGroupPairs": {"ReferencedGroupInfo": {"GroupId": source.get("GroupId")}},
    }[kind]
    return {
        "SecurityGroupRuleId": rule["SecurityGroupRuleId"],
        "GroupId": group_id,
        "IsEgress": side == "egress",
        "IpProtocol": str(rule["IpProtocol"]),
        "FromPort": rule.get("FromPort", -1),
        "ToPort": rule.get("ToPort", -1),
        **({"Description": source["Description"]} if source.get("Description") else {}),
        **where,
    }
