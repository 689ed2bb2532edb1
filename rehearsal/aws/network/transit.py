"""Know the transit gateways with what is attached to them, and their static routes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from rehearsal.aws.network import exceptions
from rehearsal.aws.network.models import TransitGateway, VpcAttachment
from rehearsal.aws.registry import Registry


class TransitRecords:
    """The records of the API. ministack has those of VPN connections, whose attachments come with them."""

    def __init__(self, registry: Registry) -> None:
        self.gateways: dict[str, TransitGateway] = {}
        self.attachments: dict[str, VpcAttachment] = {}
        self._vpn_attachments: dict[str, str] = {}
        self._connections = registry.get_records("ec2", "vpn_connections")

    def list_attachments(self) -> list[VpcAttachment]:
        """Return the attachments of VPCs."""
        return list(self.attachments.values())

    def list_static_routes(self, gateway_id: str) -> list[tuple[str, str]]:
        """Return (CIDR, attachment) of each static route; none when there is no such gateway."""
        gateway = self.gateways.get(gateway_id)
        return list(gateway.routes.items()) if gateway else []

    def name_vpn_attachment(self, connection_id: str) -> str:
        """Return the attachment of a VPN connection: it comes with the connection."""
        return self._vpn_attachments.setdefault(connection_id, generate_id("tgw-attach"))

    def list_all_attachments(self, gateway_id: str) -> Iterator[dict[str, Any]]:
        """Yield the attachments of VPCs and VPN connections as DescribeTransitGatewayAttachments returns them."""
        for attachment in self.attachments.values():
            if attachment.gateway_id == gateway_id:
                yield _describe_attachment(gateway_id, attachment.id, "vpc", attachment.vpc_id)
        for connection in self._connections.values():
            if connection["TransitGatewayId"] == gateway_id:
                id_ = connection["VpnConnectionId"]
                yield _describe_attachment(gateway_id, self.name_vpn_attachment(id_), "vpn", id_)

    def get(self, gateway_id: str) -> TransitGateway:
        """Return a gateway. Raises ApiError."""
        if gateway_id not in self.gateways:
            raise exceptions.transit_gateway_not_found(gateway_id)
        return self.gateways[gateway_id]

    def get_by_table(self, table_id: str) -> TransitGateway:
        """Return the gateway that has a route table. Raises ApiError."""
        found = next((one for one in self.gateways.values() if one.route_table_id == table_id), None)
        if found is None:
            raise exceptions.transit_table_not_found(table_id)
        return found

    def get_attachment(self, attachment_id: str) -> VpcAttachment:
        """Return the attachment of a VPC. Raises ApiError."""
        if attachment_id not in self.attachments:
            raise exceptions.attachment_not_found(attachment_id)
        return self.attachments[attachment_id]


def _describe_attachment(gateway_id: str, attachment_id: str, kind: str, resource: str) -> dict[str, Any]:
    return {
        "TransitGatewayAttachmentId": attachment_id,
        "TransitGatewayId": gateway_id,
        "ResourceType": kind,
        "ResourceId": resource,
        "State": "available",
    }


def generate_id(kind: str) -> str:
    """Return an id as EC2 makes them."""
    return f"{kind}-0{secrets.token_hex(8)}"
