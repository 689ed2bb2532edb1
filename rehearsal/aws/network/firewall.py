"""Turn security groups, route tables, peerings and gateways of the API, and the networks outside of AWS, into the world's rules."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, cast

from rehearsal.aws.network.endpoints import Endpoint, Endpoints
from rehearsal.aws.network.tunnels import Tunnels
from rehearsal.aws.registry import Registry
from rehearsal.on_premises.networks import OwnNetwork, OwnNetworks, name_group
from rehearsal.world import Interface, Permission, Route, Rules, SecurityGroup
from rehearsal.world.network import Network

Record = Mapping[str, Any]
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp"}


class Firewall:
    """Brings the world's rules in line with the API's records. Thread-safe."""

    def __init__(
        self,
        registry: Registry,
        endpoints: Endpoints,
        network: Network,
        nat: Mapping[str, Any],
        tunnels: Tunnels,
        outside: OwnNetworks,
    ) -> None:
        self._endpoints = endpoints
        self._network = network
        self._nat = nat
        self._tunnels, self._outside = tunnels, outside
        self._groups = registry.get_records("ec2", "security_groups")
        self._tables = registry.get_records("ec2", "route_tables")
        self._peerings = registry.get_records("ec2", "vpc_peering")
        self._gateways = registry.get_records("ec2", "internet_gateways")
        self._lock = threading.Lock()
        self._applied: tuple[Rules, frozenset[str]] | None = None

    def apply(self) -> None:
        """Apply the rules, and return when they are in force. Does nothing when nothing has changed."""
        with self._lock:
            state = self.build_rules(), frozenset(self._network.list_attached())
            if state != self._applied:
                self._network.apply(state[0])
                self._applied = state

    def build_rules(self) -> Rules:
        """Return the rules that follow from the records."""
        groups = tuple(_group(record) for record in self._groups.values())
        known = {group.id for group in groups}
        interfaces = tuple(self._build_interface(endpoint, known) for endpoint in self._endpoints.list_all())
        hosts = tuple(host for own in self._outside.list_all() for host in self._build_hosts(own))
        host_groups = tuple(group for own in self._outside.list_all() for group in own.list_groups())
        return Rules(interfaces=interfaces + hosts, groups=groups + host_groups)

    def _build_hosts(self, own: OwnNetwork) -> Iterator[Interface]:
        """Yield the hosts of a network outside of AWS. One without a public address shows that of its router."""
        tunnels = tuple(self._tunnels.list_routes_back(own))
        for host in own.hosts.values():
            way_out = (
                Route("0.0.0.0/0", "internet") if host.public_ip else Route("0.0.0.0/0", "nat", public_ip=own.router_ip)
            )
            yield Interface(
                id=host.id,
                ip=host.ip,
                vpc=own.name,
                groups=(name_group(host),),
                routes=(*tunnels, way_out),
                public_ip=host.public_ip,
                has_metadata=False,
            )

    def _build_interface(self, endpoint: Endpoint, known: set[str]) -> Interface:
        return Interface(
            id=endpoint.name,
            ip=endpoint.ip,
            vpc=endpoint.vpc_id,
            groups=tuple(group for group in endpoint.groups if group in known),
            routes=tuple(self._list_routes(endpoint)),
            public_ip=endpoint.public_ip,
        )

    def _list_routes(self, endpoint: Endpoint) -> Iterator[Route]:
        for row in self._find_table(endpoint).get("Routes", []):
            cidr = row.get("DestinationCidrBlock")
            gateway, nat = row.get("GatewayId", ""), self._nat.get(row.get("NatGatewayId", ""))
            peering = self._peerings.get(row.get("VpcPeeringConnectionId", ""))
            if not cidr or gateway == "local":
                continue
            if gateway.startswith("igw-") and self._is_attached(gateway, endpoint.vpc_id):
                yield Route(cidr, "internet")
            elif nat and nat.state == "available":
                yield Route(cidr, "nat", public_ip=nat.public_ip)
            elif peering and peering["Status"]["Code"] == "active":
                ends = [peering[side]["VpcId"] for side in ("RequesterVpcInfo", "AccepterVpcInfo")]
                yield from (Route(cidr, "peering", peer=end) for end in ends if end != endpoint.vpc_id)
            else:
                yield from self._tunnels.list_routes(endpoint, row)

    def _find_table(self, endpoint: Endpoint) -> Record:
        """Return the subnet's own route table, else the VPC's main one."""
        main: Record = {}
        for table in self._tables.values():
            for association in table["Associations"]:
                if association.get("SubnetId") == endpoint.subnet_id:
                    return cast("Record", table)
                if association.get("Main") and table["VpcId"] == endpoint.vpc_id:
                    main = table
        return main

    def _is_attached(self, gateway: str, vpc: str) -> bool:
        record = self._gateways.get(gateway)
        return record is not None and any(attachment["VpcId"] == vpc for attachment in record["Attachments"])


def _group(record: Record) -> SecurityGroup:
    return SecurityGroup(
        record["GroupId"],
        ingress=tuple(_list_permissions(record["IpPermissions"])),
        egress=tuple(_list_permissions(record["IpPermissionsEgress"])),
    )


def _list_permissions(rules: Iterable[Record]) -> Iterator[Permission]:
    for rule in rules:
        protocol = _PROTOCOLS.get(str(rule["IpProtocol"]), str(rule["IpProtocol"]).lower())
        if protocol not in ("tcp", "udp", "icmp", "-1"):
            continue  # no other protocol is spoken in a rehearsal
        kind = cast("Literal['tcp', 'udp', 'icmp', '-1']", protocol)
        with_ports = kind in ("tcp", "udp")
        first, last = (rule.get("FromPort"), rule.get("ToPort")) if with_ports else (None, None)
        for source in rule.get("IpRanges", []):
            yield Permission(kind, first, last, cidr=source["CidrIp"])
        for pair in rule.get("UserIdGroupPairs", []):
            yield Permission(kind, first, last, group=pair["GroupId"])
