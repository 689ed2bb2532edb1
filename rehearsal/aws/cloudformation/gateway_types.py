"""AWS::EC2::TransitGatewayVpcAttachment, and what AWS checks of routes and attachments that name a gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.aws.clients import Clients, ignore_missing
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.cloudformation.properties import find_changed, format_tag_specifications, require_emulated
from rehearsal.aws.network import exceptions
from rehearsal.aws.registry import Properties, Registry, Resource

ATTACHMENT = "AWS::EC2::TransitGatewayVpcAttachment"


class TransitGatewayTypes:
    """Made through the same API as everybody uses."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        cloud.registry.register_type(ATTACHMENT, create=self.create, update=self.update, delete=self.remove, tags=True)

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Create AWS::EC2::TransitGatewayVpcAttachment."""
        require_emulated(ATTACHMENT, properties, ("TransitGatewayId", "VpcId", "SubnetIds", "Tags"))
        request = {key: value for key, value in properties.items() if key != "Tags"}
        tags = format_tag_specifications("transit-gateway-attachment", properties)
        made = self._cloud.clients("ec2").create_transit_gateway_vpc_attachment(**request, TagSpecifications=tags)
        id_ = made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        return id_, {"Id": id_}

    def update(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        """Change its tags."""
        if find_changed(old, new) != {"Tags"}:
            return self.create("", new, stack)
        self._cloud.tags.drop(identifier)
        for specification in format_tag_specifications("any", new):
            self._cloud.clients("ec2").create_tags(Resources=[identifier], Tags=specification["Tags"])
        return identifier, {"Id": identifier}

    def remove(self, identifier: str, _properties: Properties) -> None:
        """Delete it."""
        with ignore_missing("InvalidTransitGatewayAttachmentID.NotFound"):
            self._cloud.clients("ec2").delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=identifier)


class GatewayChecks:
    """ministack takes any id of a gateway. AWS refuses one that does not exist, or is not attached to the VPC."""

    def __init__(self, registry: Registry, clients: Clients) -> None:
        self._clients = clients
        self._tables = registry.get_records("ec2", "route_tables")
        self._vpn_gateways = registry.get_records("ec2", "vpn_gateways")
        self.by_type: Mapping[str, Callable[[Properties], Properties]] = {
            "AWS::EC2::Route": self.check_route,
            "AWS::EC2::VPCGatewayAttachment": self.check_attachment,
        }

    def check_route(self, properties: Properties) -> Properties:
        """Return the properties of a route. Raises ApiError for a gateway that is not attached to its VPC."""
        vpc_id = self._tables.get(properties["RouteTableId"], {}).get("VpcId", "")
        if transit := properties.get("TransitGatewayId"):
            wanted = [
                {"Name": "transit-gateway-id", "Values": [transit]},
                {"Name": "vpc-id", "Values": [vpc_id]},
            ]
            found = self._clients("ec2").describe_transit_gateway_vpc_attachments(Filters=wanted)
            if not found["TransitGatewayVpcAttachments"]:
                raise exceptions.transit_gateway_not_found(transit)
        gateway = str(properties.get("GatewayId", ""))
        if gateway.startswith("vgw-") and vpc_id not in self._list_attached(gateway):
            raise exceptions.vpn_gateway_not_found(gateway)
        return properties

    def check_attachment(self, properties: Properties) -> Properties:
        """Return the properties of an attachment. Raises ApiError for a virtual private gateway that another VPC has."""
        if gateway := properties.get("VpnGatewayId"):
            if gateway not in self._vpn_gateways:
                raise exceptions.vpn_gateway_not_found(gateway)
            if others := [vpc for vpc in self._list_attached(gateway) if vpc != properties["VpcId"]]:
                raise exceptions.vpn_gateway_attached(gateway, others[0])
        return properties

    def _list_attached(self, gateway: str) -> list[str]:
        record: Mapping[str, Any] = self._vpn_gateways.get(gateway, {})
        return [one["VpcId"] for one in record.get("Attachments", [])]
