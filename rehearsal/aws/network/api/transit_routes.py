"""Handle the actions of EC2 about the static routes of transit gateways, and about all that is attached to one."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from rehearsal.aws.network import exceptions
from rehearsal.aws.network.responses.transit_gateways import format_route
from rehearsal.aws.network.transit import TransitRecords
from rehearsal.aws.paging import filter_items
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags


class TransitRoutes:
    """The routes of the default route table. `changed` puts them in force before the response goes out."""

    def __init__(self, registry: Registry, records: TransitRecords, tags: Tags, changed: Callable[[], None]) -> None:
        self._records, self._tags, self._changed = records, tags, changed
        registry.register_actions(
            "ec2",
            {
                "DescribeTransitGatewayAttachments": self.describe_attachments,
                "CreateTransitGatewayRoute": self.create_route,
                "DeleteTransitGatewayRoute": self.delete_route,
            },
        )

    def describe_attachments(self, filters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return the attachments of VPCs and of VPN connections that match."""
        found = [one for gateway in self._records.gateways for one in self._records.list_all_attachments(gateway)]
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
        gateway = self._records.get_by_table(transit_gateway_route_table_id)
        known = {one["TransitGatewayAttachmentId"]: one for one in self._records.list_all_attachments(gateway.id)}
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
        gateway = self._records.get_by_table(transit_gateway_route_table_id)
        if gateway.routes.pop(destination_cidr_block, None) is None:
            raise exceptions.route_not_found(destination_cidr_block)
        self._changed()
        return {"Route": {"DestinationCidrBlock": destination_cidr_block, "Type": "static", "State": "deleted"}}
