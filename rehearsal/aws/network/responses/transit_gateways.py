"""Format transit gateways, their attachments and routes as the API of EC2 returns them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.network.models import TransitGateway, VpcAttachment
from rehearsal.settings import ACCOUNT, REGION

Tags = list[dict[str, str]]


def format_transit_gateway(gateway: TransitGateway, options: Mapping[str, str], tags: Tags) -> dict[str, Any]:
    """Return a gateway as DescribeTransitGateways returns it."""
    tables = {
        "AssociationDefaultRouteTableId": gateway.route_table_id,
        "PropagationDefaultRouteTableId": gateway.route_table_id,
    }
    return {
        "TransitGatewayId": gateway.id,
        "TransitGatewayArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:transit-gateway/{gateway.id}",
        "State": "available",
        "OwnerId": ACCOUNT,
        "Description": gateway.description,
        "CreationTime": gateway.created,
        "Options": {"AmazonSideAsn": 64512, **options, **tables},
        "Tags": tags,
    }


def format_attachment(attachment: VpcAttachment, tags: Tags) -> dict[str, Any]:
    """Return an attachment as DescribeTransitGatewayVpcAttachments returns it."""
    return {
        "TransitGatewayAttachmentId": attachment.id,
        "TransitGatewayId": attachment.gateway_id,
        "VpcId": attachment.vpc_id,
        "VpcOwnerId": ACCOUNT,
        "State": "available",
        "SubnetIds": list(attachment.subnet_ids),
        "CreationTime": attachment.created,
        "Tags": tags,
    }


def format_route(cidr: str, attachment: Mapping[str, Any]) -> dict[str, Any]:
    """Return a static route as CreateTransitGatewayRoute returns it. `attachment`: as DescribeTransitGatewayAttachments returns it."""
    keys = ("TransitGatewayAttachmentId", "ResourceType", "ResourceId")
    return {
        "DestinationCidrBlock": cidr,
        "TransitGatewayAttachments": [{key: attachment[key] for key in keys}],
        "Type": "static",
        "State": "active",
    }
