"""Which packets a gateway carries between a VPC and a network outside of AWS.

Both kinds of gateway need a VPN connection whose customer gateway is the network's router. A transit gateway needs an attachment of the
VPC in the zone of the sender or receiver, and a route to each side in its route table: that of the VPC is propagated, that of
a static VPN is a static route. A virtual private gateway must be attached to the VPC; the routes of the connection are its own.
https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNRoutingTypes.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.aws.network.endpoints import Endpoint
from rehearsal.aws.network.transit import TransitRecords
from rehearsal.aws.registry import Registry
from rehearsal.on_premises.networks import OwnNetwork, OwnNetworks
from rehearsal.world import Route

Record = Mapping[str, Any]


class Tunnels:
    """Routes as the packet filter has them, from the records of the API and the routers outside."""

    def __init__(self, registry: Registry, transit: TransitRecords, networks: OwnNetworks) -> None:
        self._transit, self._networks = transit, networks
        self._vpcs = registry.get_records("ec2", "vpcs")
        self._subnets = registry.get_records("ec2", "subnets")
        self._gateways = registry.get_records("ec2", "vpn_gateways")
        self._customers = registry.get_records("ec2", "customer_gateways")
        self._connections = registry.get_records("ec2", "vpn_connections")

    def list_routes(self, endpoint: Endpoint, row: Record) -> Iterator[Route]:
        """Yield the routes of a row of a VPC's route table that names a gateway; none while the gateway does not carry the packets."""
        if transit := row.get("TransitGatewayId"):
            if endpoint.zone in self._list_zones(transit, endpoint.vpc_id):
                for connection, network in self._list_connections("TransitGatewayId", transit):
                    wanted = [
                        cidr
                        for cidr, attachment in self._transit.list_static_routes(transit)
                        if attachment == self._transit.name_vpn_attachment(connection["VpnConnectionId"])
                    ]
                    yield from _list_overlaps(row["DestinationCidrBlock"], wanted, network.name)
        elif (gateway := row.get("GatewayId", "")).startswith("vgw-") and self._is_attached(gateway, endpoint.vpc_id):
            for connection, network in self._list_connections("VpnGatewayId", gateway):
                wanted = [one["DestinationCidrBlock"] for one in connection["Routes"]]
                yield from _list_overlaps(row["DestinationCidrBlock"], wanted, network.name)

    def list_routes_back(self, network: OwnNetwork) -> Iterator[Route]:
        """Yield the routes from a network outside of AWS to the VPCs that its tunnels reach."""
        for destination in network.routes:
            for vpc_id in sorted(self._list_reached(network)):
                yield from _list_overlaps(destination, [self._vpcs[vpc_id]["CidrBlock"]], vpc_id)

    def _list_reached(self, network: OwnNetwork) -> set[str]:
        found: set[str] = set()
        for connection in self._connections.values():
            if self._find_network(connection) is not network:
                continue
            if transit := connection["TransitGatewayId"]:
                found |= {one.vpc_id for one in self._transit.list_attachments() if one.gateway_id == transit}
            elif gateway := self._gateways.get(connection["VpnGatewayId"]):
                found |= {one["VpcId"] for one in gateway["Attachments"] if one["State"] == "attached"}
        return found & set(self._vpcs)

    def _list_connections(self, key: str, gateway: str) -> Iterator[tuple[Record, OwnNetwork]]:
        for connection in self._connections.values():
            network = self._find_network(connection)
            if network and connection[key] == gateway:
                yield connection, network

    def _find_network(self, connection: Record) -> OwnNetwork | None:
        """Return the network at the other end of a connection that is up; only static routing is emulated."""
        customer = self._customers.get(connection["CustomerGatewayId"])
        if customer is None or connection["State"] != "available" or not connection["Options"]["StaticRoutesOnly"]:
            return None
        return self._networks.find_by_router(customer["IpAddress"])

    def _list_zones(self, gateway: str, vpc_id: str) -> set[str]:
        attached = [
            one for one in self._transit.list_attachments() if (one.gateway_id, one.vpc_id) == (gateway, vpc_id)
        ]
        subnets = [subnet for one in attached for subnet in one.subnet_ids if subnet in self._subnets]
        return {self._subnets[subnet]["AvailabilityZone"] for subnet in subnets}

    def _is_attached(self, gateway: str, vpc_id: str) -> bool:
        record = self._gateways.get(gateway)
        return record is not None and any(
            one["VpcId"] == vpc_id and one["State"] == "attached" for one in record["Attachments"]
        )


def _list_overlaps(route: str, others: list[str], peer: str) -> Iterator[Route]:
    """Yield a route to `peer` for what the route and each of the other networks have in common."""
    one = ipaddress.IPv4Network(route)
    for other in map(ipaddress.IPv4Network, others):
        if one.overlaps(other):
            yield Route(str(max(one, other, key=lambda network: network.prefixlen)), "gateway", peer=peer)
