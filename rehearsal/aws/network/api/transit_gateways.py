"""Handle the actions of EC2 about transit gateways: each has its default route table alone, with association and propagation."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.network import exceptions
from rehearsal.aws.network.models import TransitGateway, VpcAttachment
from rehearsal.aws.network.responses.transit_gateways import format_attachment, format_route, format_transit_gateway
from rehearsal.aws.paging import cut_page, filter_items
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags

_DEFAULTS = {
    "AutoAcceptSharedAttachments": "disable",
    "DefaultRouteTableAssociation": "enable",
    "DefaultRouteTablePropagation": "enable",
    "VpnEcmpSupport": "enable",
    "DnsSupport": "enable",
    "SecurityGroupReferencingSupport": "disable",
    "MulticastSupport": "disable",
}


class TransitGateways:
    """The routes that they carry are in rehearsal.aws.network.tunnels."""

    def __init__(self, registry: Registry, tags: Tags, changed: Callable[[], None]) -> None:
        self._tags, self._changed = tags, changed
        self._gateways: dict[str, TransitGateway] = {}
        self._attachments: dict[str, VpcAttachment] = {}
        self._vpn_attachments: dict[str, str] = {}
        self._subnets = registry.get_records("ec2", "subnets")
        self._vpcs = registry.get_records("ec2", "vpcs")
        self._connections = registry.get_records("ec2", "vpn_connections")
        registry.register_actions(
            "ec2",
            {
                "CreateTransitGateway": self.create,
                "DescribeTransitGateways": self.describe,
                "DeleteTransitGateway": self.delete,
                "CreateTransitGatewayVpcAttachment": self.attach,
                "DescribeTransitGatewayVpcAttachments": self.describe_vpc_attachments,
                "DeleteTransitGatewayVpcAttachment": self.detach,
                "DescribeTransitGatewayAttachments": self.describe_attachments,
                "CreateTransitGatewayRoute": self.create_route,
                "DeleteTransitGatewayRoute": self.delete_route,
            },
        )

    # For the rest of the local AWS

    def list_attachments(self) -> list[VpcAttachment]:
        """Return the attachments of VPCs."""
        return list(self._attachments.values())

    def list_static_routes(self, gateway_id: str) -> list[tuple[str, str]]:
        """Return (CIDR, attachment) of each static route; none when there is no such gateway."""
        gateway = self._gateways.get(gateway_id)
        return list(gateway.routes.items()) if gateway else []

    def name_vpn_attachment(self, connection_id: str) -> str:
        """Return the attachment of a VPN connection: it comes with the connection."""
        return self._vpn_attachments.setdefault(connection_id, _generate_id("tgw-attach"))

    # Actions

    def create(
        self,
        description: str = "",
        options: dict[str, Any] | None = None,
        tag_specifications: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Create a gateway with its default route table."""
        for name, value in (options or {}).items():
            if _DEFAULTS.get(name) != value:
                raise NotEmulated(f"a transit gateway with the option {name}={value}")
        gateway = TransitGateway(_generate_id("tgw"), _generate_id("tgw-rtb"), description)
        self._gateways[gateway.id] = gateway
        self._tags.add_specified(gateway.id, "transit-gateway", tag_specifications)
        return {"TransitGateway": self._format(gateway)}

    def describe(
        self,
        transit_gateway_ids: list[str] | None = None,
        filters: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the gateways that match."""
        wanted = transit_gateway_ids
        found = [self._get(one) for one in wanted] if wanted else list(self._gateways.values())
        attributes: dict[str, Callable[[TransitGateway], Any]] = {
            "transit-gateway-id": lambda gateway: gateway.id,
            "state": lambda _: "available",
        }
        found = filter_items(found, filters, attributes, lambda gateway: self._tags.of(gateway.id))
        shown, token = cut_page(found, next_token, max_results)
        return {"TransitGateways": [self._format(one) for one in shown], "NextToken": token}

    def delete(self, transit_gateway_id: str) -> dict[str, Any]:
        """Delete a gateway that nothing is attached to. Raises ApiError."""
        gateway = self._get(transit_gateway_id)
        if next(self._list_all_attachments(gateway.id), None):
            raise exceptions.transit_gateway_in_use(gateway.id)
        del self._gateways[gateway.id]
        return {"TransitGateway": {**self._format(gateway), "State": "deleted"}}

    def attach(
        self,
        transit_gateway_id: str,
        vpc_id: str,
        subnet_ids: list[str],
        tag_specifications: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Attach a VPC in the zones of these subnets. Raises ApiError."""
        gateway = self._get(transit_gateway_id)
        if vpc_id not in self._vpcs:
            raise exceptions.vpc_not_found(vpc_id)
        zones: dict[str, str] = {}
        for subnet_id in subnet_ids:
            subnet = self._subnets.get(subnet_id)
            if subnet is None or subnet["VpcId"] != vpc_id:
                raise exceptions.subnet_not_found(subnet_id)
            if subnet["AvailabilityZone"] in zones:
                raise exceptions.two_subnets_in_one_zone(subnet["AvailabilityZone"])
            zones[subnet["AvailabilityZone"]] = subnet_id
        if any((one.gateway_id, one.vpc_id) == (gateway.id, vpc_id) for one in self._attachments.values()):
            raise exceptions.vpc_attached(vpc_id, gateway.id)
        attachment = VpcAttachment(_generate_id("tgw-attach"), gateway.id, vpc_id, tuple(subnet_ids))
        self._attachments[attachment.id] = attachment
        self._tags.add_specified(attachment.id, "transit-gateway-attachment", tag_specifications)
        self._changed()
        return {"TransitGatewayVpcAttachment": format_attachment(attachment, self._tags.format(attachment.id))}

    def detach(self, transit_gateway_attachment_id: str) -> dict[str, Any]:
        """Detach a VPC; static routes to it go with it. Raises ApiError."""
        attachment = self._get_attachment(transit_gateway_attachment_id)
        del self._attachments[attachment.id]
        routes = self._get(attachment.gateway_id).routes
        for cidr in [cidr for cidr, target in routes.items() if target == attachment.id]:
            del routes[cidr]
        self._changed()
        tags = self._tags.format(attachment.id)
        return {"TransitGatewayVpcAttachment": {**format_attachment(attachment, tags), "State": "deleted"}}

    def describe_vpc_attachments(
        self,
        transit_gateway_attachment_ids: list[str] | None = None,
        filters: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the attachments of VPCs that match."""
        wanted = transit_gateway_attachment_ids
        found = [self._get_attachment(one) for one in wanted] if wanted else self.list_attachments()
        attributes: dict[str, Callable[[VpcAttachment], Any]] = {
            "transit-gateway-attachment-id": lambda one: one.id,
            "transit-gateway-id": lambda one: one.gateway_id,
            "vpc-id": lambda one: one.vpc_id,
            "state": lambda _: "available",
        }
        found = filter_items(found, filters, attributes, lambda one: self._tags.of(one.id))
        shown, token = cut_page(found, next_token, max_results)
        formatted = [format_attachment(one, self._tags.format(one.id)) for one in shown]
        return {"TransitGatewayVpcAttachments": formatted, "NextToken": token}

    def describe_attachments(self, filters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return the attachments of VPCs and of VPN connections that match."""
        found = [one for gateway in self._gateways for one in self._list_all_attachments(gateway)]
        names = {
            "transit-gateway-id": "TransitGatewayId",
            "resource-id": "ResourceId",
            "resource-type": "ResourceType",
            "transit-gateway-attachment-id": "TransitGatewayAttachmentId",
        }
        attributes = {name: (lambda one, key=key: one[key]) for name, key in names.items()}
        found = filter_items(found, filters, attributes, lambda one: self._tags.of(one["TransitGatewayAttachmentId"]))
        return {"TransitGatewayAttachments": found}

    def create_route(
        self, destination_cidr_block: str, transit_gateway_route_table_id: str, transit_gateway_attachment_id: str
    ) -> dict[str, Any]:
        """Add a static route. Raises ApiError for a table, an attachment or a CIDR that is not valid."""
        gateway = self._get_by_table(transit_gateway_route_table_id)
        known = {one["TransitGatewayAttachmentId"]: one for one in self._list_all_attachments(gateway.id)}
        if transit_gateway_attachment_id not in known:
            raise exceptions.attachment_not_found(transit_gateway_attachment_id)
        cidr = str(ipaddress.ip_network(destination_cidr_block))
        if cidr in gateway.routes:
            raise exceptions.route_exists(cidr)
        gateway.routes[cidr] = transit_gateway_attachment_id
        self._changed()
        return {"Route": format_route(cidr, known[transit_gateway_attachment_id])}

    def delete_route(self, transit_gateway_route_table_id: str, destination_cidr_block: str) -> dict[str, Any]:
        """Delete a static route. Raises ApiError when there is none."""
        gateway = self._get_by_table(transit_gateway_route_table_id)
        if gateway.routes.pop(destination_cidr_block, None) is None:
            raise exceptions.route_not_found(destination_cidr_block)
        self._changed()
        return {"Route": {"DestinationCidrBlock": destination_cidr_block, "Type": "static", "State": "deleted"}}

    def _list_all_attachments(self, gateway_id: str) -> Iterator[dict[str, Any]]:
        for attachment in self._attachments.values():
            if attachment.gateway_id == gateway_id:
                yield _describe_attachment(gateway_id, attachment.id, "vpc", attachment.vpc_id)
        for connection in self._connections.values():
            if connection["TransitGatewayId"] == gateway_id:
                id_ = connection["VpnConnectionId"]
                yield _describe_attachment(gateway_id, self.name_vpn_attachment(id_), "vpn", id_)

    def _get(self, gateway_id: str) -> TransitGateway:
        if gateway_id not in self._gateways:
            raise exceptions.transit_gateway_not_found(gateway_id)
        return self._gateways[gateway_id]

    def _get_by_table(self, table_id: str) -> TransitGateway:
        found = next((one for one in self._gateways.values() if one.route_table_id == table_id), None)
        if found is None:
            raise exceptions.transit_table_not_found(table_id)
        return found

    def _get_attachment(self, attachment_id: str) -> VpcAttachment:
        if attachment_id not in self._attachments:
            raise exceptions.attachment_not_found(attachment_id)
        return self._attachments[attachment_id]

    def _format(self, gateway: TransitGateway) -> dict[str, Any]:
        return format_transit_gateway(gateway, _DEFAULTS, self._tags.format(gateway.id))


def _describe_attachment(gateway_id: str, attachment_id: str, kind: str, resource: str) -> dict[str, Any]:
    return {
        "TransitGatewayAttachmentId": attachment_id,
        "TransitGatewayId": gateway_id,
        "ResourceType": kind,
        "ResourceId": resource,
        "State": "available",
    }


def _generate_id(kind: str) -> str:
    return f"{kind}-0{secrets.token_hex(8)}"
