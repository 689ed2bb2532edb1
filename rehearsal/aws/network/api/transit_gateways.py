"""Handle the actions of EC2 about transit gateways: each has its default route table alone, with association and propagation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.network import exceptions
from rehearsal.aws.network.models import TransitGateway, VpcAttachment
from rehearsal.aws.network.responses.transit_gateways import format_attachment, format_transit_gateway
from rehearsal.aws.network.transit import TransitRecords, generate_id
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

    def __init__(self, registry: Registry, records: TransitRecords, tags: Tags, changed: Callable[[], None]) -> None:
        self._records, self._tags, self._changed = records, tags, changed
        self._subnets = registry.get_records("ec2", "subnets")
        self._vpcs = registry.get_records("ec2", "vpcs")
        registry.register_actions(
            "ec2",
            {
                "CreateTransitGateway": self.create,
                "DescribeTransitGateways": self.describe,
                "DeleteTransitGateway": self.delete,
                "CreateTransitGatewayVpcAttachment": self.attach,
                "DescribeTransitGatewayVpcAttachments": self.describe_vpc_attachments,
                "DeleteTransitGatewayVpcAttachment": self.detach,
            },
        )

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
        gateway = TransitGateway(generate_id("tgw"), generate_id("tgw-rtb"), description)
        self._records.gateways[gateway.id] = gateway
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
        found = [self._records.get(one) for one in wanted] if wanted else list(self._records.gateways.values())
        attributes: dict[str, Callable[[TransitGateway], Any]] = {
            "transit-gateway-id": lambda gateway: gateway.id,
            "state": lambda _: "available",
        }
        found = filter_items(found, filters, attributes, lambda gateway: self._tags.of(gateway.id))
        shown, token = cut_page(found, next_token, max_results)
        return {"TransitGateways": [self._format(one) for one in shown], "NextToken": token}

    def delete(self, transit_gateway_id: str) -> dict[str, Any]:
        """Delete a gateway that nothing is attached to. Raises ApiError."""
        gateway = self._records.get(transit_gateway_id)
        if next(self._records.list_all_attachments(gateway.id), None):
            raise exceptions.transit_gateway_in_use(gateway.id)
        del self._records.gateways[gateway.id]
        return {"TransitGateway": {**self._format(gateway), "State": "deleted"}}

    def attach(
        self,
        transit_gateway_id: str,
        vpc_id: str,
        subnet_ids: list[str],
        tag_specifications: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Attach a VPC in the zones of these subnets. Raises ApiError."""
        gateway = self._records.get(transit_gateway_id)
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
        if any((one.gateway_id, one.vpc_id) == (gateway.id, vpc_id) for one in self._records.attachments.values()):
            raise exceptions.vpc_attached(vpc_id, gateway.id)
        attachment = VpcAttachment(generate_id("tgw-attach"), gateway.id, vpc_id, tuple(subnet_ids))
        self._records.attachments[attachment.id] = attachment
        self._tags.add_specified(attachment.id, "transit-gateway-attachment", tag_specifications)
        self._changed()
        return {"TransitGatewayVpcAttachment": format_attachment(attachment, self._tags.format(attachment.id))}

    def detach(self, transit_gateway_attachment_id: str) -> dict[str, Any]:
        """Detach a VPC; static routes to it go with it. Raises ApiError."""
        attachment = self._records.get_attachment(transit_gateway_attachment_id)
        del self._records.attachments[attachment.id]
        routes = self._records.get(attachment.gateway_id).routes
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
        found = [self._records.get_attachment(one) for one in wanted] if wanted else self._records.list_attachments()
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

    def _format(self, gateway: TransitGateway) -> dict[str, Any]:
        return format_transit_gateway(gateway, _DEFAULTS, self._tags.format(gateway.id))
