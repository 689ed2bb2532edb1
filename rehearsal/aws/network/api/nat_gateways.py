"""Handle the actions of EC2 about NAT gateways: the one public address that a private subnet shows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from rehearsal.aws.network import exceptions
from rehearsal.aws.network.api.elastic_ips import ElasticIps
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.models import NatGateway
from rehearsal.aws.network.responses.addresses import format_gateway
from rehearsal.aws.paging import cut_page, filter_items
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags


class NatGateways:
    """The translation itself is the router's; a gateway is an address in a subnet and a row in route tables."""

    def __init__(
        self, registry: Registry, endpoints: Endpoints, addresses: ElasticIps, tags: Tags, changed: Callable[[], None]
    ) -> None:
        self._endpoints, self._addresses, self._tags, self._changed = endpoints, addresses, tags, changed
        self.all: dict[str, NatGateway] = {}
        registry.register_actions(
            "ec2",
            {
                "CreateNatGateway": self.create,
                "DescribeNatGateways": self.describe,
                "DeleteNatGateway": self.delete,
            },
        )

    def create(
        self,
        subnet_id: str,
        allocation_id: str,
        connectivity_type: str = "public",
        private_ip_address: str | None = None,
        client_token: str = "",  # noqa: ARG002  a retry makes a second one, as with a new token
        tag_specifications: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Make a gateway with an elastic IP."""
        if connectivity_type != "public":
            raise exceptions.private_gateway()
        address = self._addresses.get(allocation_id)
        if address.endpoint:
            raise exceptions.already_associated(allocation_id)
        id_ = f"nat-{secrets.token_hex(9)[:17]}"
        endpoint = self._endpoints.add(id_, subnet_id=subnet_id, ip=private_ip_address, public=False)
        endpoint.public_ip, endpoint.elastic = address.public_ip, True
        address.endpoint, address.association_id = id_, f"eipassoc-{secrets.token_hex(9)[:17]}"
        self.all[id_] = NatGateway(id_, endpoint, allocation_id, address.public_ip)
        self._tags.add_specified(id_, "natgateway", tag_specifications)
        self._changed()
        return {"NatGateway": self._format(self.all[id_])}

    def delete(self, nat_gateway_id: str) -> dict[str, Any]:
        """Delete a gateway; its address stays allocated."""
        gateway = self._get(nat_gateway_id)
        gateway.state = "deleted"
        self._endpoints.remove(gateway.id)
        self._changed()
        return {"NatGatewayId": nat_gateway_id}

    def describe(
        self,
        nat_gateway_ids: list[str] | None = None,
        filter: list[dict[str, Any]] | None = None,  # noqa: A002
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the gateways that match."""
        found = [self._get(one) for one in nat_gateway_ids] if nat_gateway_ids else list(self.all.values())
        attributes: dict[str, Callable[[NatGateway], Any]] = {
            "nat-gateway-id": lambda g: g.id,
            "state": lambda g: g.state,
            "subnet-id": lambda g: g.endpoint.subnet_id,
            "vpc-id": lambda g: g.endpoint.vpc_id,
        }
        found = filter_items(found, filter, attributes, lambda g: self._tags.of(g.id))
        shown, token = cut_page(found, next_token, max_results)
        return {"NatGateways": [self._format(gateway) for gateway in shown], "NextToken": token}

    def _get(self, id_: str) -> NatGateway:
        if id_ not in self.all:
            raise exceptions.gateway_not_found(id_)
        return self.all[id_]

    def _format(self, gateway: NatGateway) -> dict[str, Any]:
        return format_gateway(gateway, self._tags.format(gateway.id))
