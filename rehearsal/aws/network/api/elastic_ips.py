"""Handle the actions of EC2 about elastic IPs: a public address that stays when the instance behind it goes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from rehearsal.aws.network import exceptions
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.models import ElasticIp
from rehearsal.aws.network.responses.addresses import format_address
from rehearsal.aws.paging import filter_items
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags


class ElasticIps:
    """The elastic IPs, and the actions on them."""

    def __init__(self, registry: Registry, endpoints: Endpoints, tags: Tags, changed: Callable[[], None]) -> None:
        self._endpoints, self._tags, self._changed = endpoints, tags, changed
        self._found: dict[str, ElasticIp] = {}
        registry.register_actions(
            "ec2",
            {
                "AllocateAddress": self.allocate,
                "AssociateAddress": self.associate,
                "DisassociateAddress": self.disassociate,
                "ReleaseAddress": self.release,
                "DescribeAddresses": self.describe,
            },
        )

    def get(self, allocation_id: str) -> ElasticIp:
        """Return an elastic IP. Raises ApiError when there is none."""
        if allocation_id not in self._found:
            raise exceptions.allocation_not_found(allocation_id)
        return self._found[allocation_id]

    def allocate(self, domain: str = "vpc", tag_specifications: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Reserve a public address."""
        address = ElasticIp(f"eipalloc-{secrets.token_hex(9)[:17]}", self._endpoints.addresses.reserve_public())
        self._found[address.allocation_id] = address
        self._tags.add_specified(address.allocation_id, "elastic-ip", tag_specifications)
        return {"AllocationId": address.allocation_id, "PublicIp": address.public_ip, "Domain": domain}

    def associate(self, allocation_id: str, instance_id: str, allow_reassociation: bool = True) -> dict[str, Any]:
        """Give the address to an instance, in the place of its own."""
        address = self.get(allocation_id)
        endpoint = self._endpoints.get(instance_id)
        if endpoint is None:
            raise exceptions.instance_not_found(instance_id)
        if address.endpoint and not allow_reassociation:
            raise exceptions.address_associated(allocation_id)
        self._disassociate_endpoint(address)
        if not endpoint.elastic:
            self._endpoints.addresses.release(endpoint.public_ip)  # what the subnet gave goes for good
        endpoint.public_ip, endpoint.elastic = address.public_ip, True
        address.endpoint, address.association_id = endpoint.name, f"eipassoc-{secrets.token_hex(9)[:17]}"
        self._changed()
        return {"AssociationId": address.association_id}

    def disassociate(self, association_id: str) -> None:
        """Take the address from its instance."""
        address = next((a for a in self._found.values() if a.association_id == association_id), None)
        if address is None:
            raise exceptions.association_not_found(association_id)
        self._disassociate_endpoint(address)
        self._changed()

    def release(self, allocation_id: str) -> None:
        """Free an address that nobody uses."""
        address = self.get(allocation_id)
        if address.endpoint and self._endpoints.get(address.endpoint):
            raise exceptions.allocation_in_use(allocation_id)
        del self._found[allocation_id]
        self._endpoints.addresses.release(address.public_ip)

    def describe(
        self,
        allocation_ids: list[str] | None = None,
        public_ips: list[str] | None = None,
        filters: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Return the addresses that match."""
        found = [self.get(one) for one in allocation_ids] if allocation_ids else list(self._found.values())
        found = [address for address in found if not public_ips or address.public_ip in public_ips]
        attributes: dict[str, Callable[[ElasticIp], Any]] = {
            "allocation-id": lambda a: a.allocation_id,
            "public-ip": lambda a: a.public_ip,
            "instance-id": lambda a: a.endpoint,
            "association-id": lambda a: a.association_id,
        }
        found = filter_items(found, filters, attributes, lambda a: self._tags.of(a.allocation_id))
        return {"Addresses": [self._format(address) for address in found]}

    def _disassociate_endpoint(self, address: ElasticIp) -> None:
        endpoint = self._endpoints.get(address.endpoint) if address.endpoint else None
        if endpoint:
            endpoint.public_ip, endpoint.elastic = None, False
        address.endpoint = address.association_id = None

    def _format(self, address: ElasticIp) -> dict[str, Any]:
        endpoint = self._endpoints.get(address.endpoint) if address.endpoint else None
        return format_address(address, endpoint, self._tags.format(address.allocation_id))
