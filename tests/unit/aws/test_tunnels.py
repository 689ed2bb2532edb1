"""A network outside of AWS behind a transit gateway or a virtual private gateway: packets pass only with routes at both ends."""

from __future__ import annotations

from typing import Any, cast

import pytest

from rehearsal.aws import wire
from rehearsal.aws.exceptions import ApiError, NotEmulated
from rehearsal.aws.network.api.transit_gateways import TransitGateways
from rehearsal.aws.network.api.transit_routes import TransitRoutes
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.firewall import Firewall
from rehearsal.aws.network.transit import TransitRecords
from rehearsal.aws.network.tunnels import Tunnels
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags
from rehearsal.errors import RehearsalError
from rehearsal.on_premises.networks import Host, OwnNetworks
from rehearsal.world import Route
from rehearsal.world.ruleset import render_ruleset
from tests.unit.aws.test_network import Records, create_route_table

SITE, ROUTER = "192.168.7.0/24", "192.0.2.1"
THERE, BACK = Route(SITE, "gateway", peer="data-centre"), Route("10.0.0.0/16", "gateway", peer="vpc-a")


class Account:
    """A VPC with an endpoint in one zone, and a network outside of AWS with one host."""

    def __init__(self) -> None:
        self.records = Records()
        stores = self.records.stores
        stores["vpcs"] = {"vpc-a": {"DefaultSecurityGroupId": "sg-vpc-a", "CidrBlock": "10.0.0.0/16"}}
        stores["subnets"] = {
            name: {"VpcId": "vpc-a", "CidrBlock": cidr, "AvailabilityZone": zone, "MapPublicIpOnLaunch": False}
            for name, cidr, zone in (
                ("first", "10.0.1.0/24", "us-east-1a"),
                ("second", "10.0.2.0/24", "us-east-1b"),
                ("third", "10.0.3.0/24", "us-east-1a"),
            )
        }
        stores["customer_gateways"] = {"cgw-1": {"CustomerGatewayId": "cgw-1", "IpAddress": ROUTER}}
        stores["vpn_gateways"] = {"vgw-1": {"VpnGatewayId": "vgw-1", "Attachments": []}}
        for name in ("vpn_connections", "tags"):
            stores[name] = {}
        registry = cast("Registry", self.records)
        self.networks = OwnNetworks()
        self.networks.add("data-centre", SITE, ROUTER)
        self.networks.add_host("data-centre", Host("forge", "192.168.7.20", "192.0.2.20", (443,)))
        self.networks.set_routes("data-centre", ["10.0.0.0/16"])
        self.changes: list[str] = []
        transit, tags = TransitRecords(registry), Tags(registry)
        for api in (TransitGateways, TransitRoutes):
            api(registry, transit, tags, lambda: self.changes.append("changed"))
        self.endpoints = Endpoints(registry)
        self.endpoints.add("i-first", subnet_id="first")
        tunnels = Tunnels(registry, transit, self.networks)
        self.firewall = Firewall(registry, self.endpoints, cast("Any", None), {}, tunnels, self.networks)

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Call an action, and check its response against the model of the API."""
        response = self.records.registered[action](**parameters)
        wire.serialize_success(wire.load_service("ec2"), action, response)
        return dict(response or {})

    def connect(self, *, static: bool = True, **gateway: str) -> None:
        self.records.stores["vpn_connections"]["vpn-1"] = {
            "VpnConnectionId": "vpn-1",
            "State": "available",
            "CustomerGatewayId": "cgw-1",
            "Options": {"StaticRoutesOnly": static},
            "Routes": [],
            "TransitGatewayId": "",
            "VpnGatewayId": "",
            **gateway,
        }

    def route(self, **gateway: str) -> None:
        row = {"DestinationCidrBlock": SITE, **gateway}
        tables = self.records.stores["route_tables"]
        tables.clear()
        tables["main"] = create_route_table("vpc-a", [row], Main=True)

    def routes(self, name: str) -> set[Route]:
        """Return the routes of an interface through gateways."""
        found = next(one for one in self.firewall.build_rules().interfaces if one.id == name)
        return {route for route in found.routes if route.via == "gateway"}

    def passes(self, sender: str = "192.168.7.20", receiver: str = "10.0.1.4") -> bool:
        """Return whether the packet filter lets packets of the sender out to the receiver."""
        rules = self.firewall.build_rules()
        text = render_ruleset(rules, {one.id: f"dev-{one.id}" for one in rules.interfaces})
        number = next(n for n, one in enumerate(rules.interfaces) if one.ip == sender)
        chain = text.partition(f"chain from_{number} {{")[2].partition("}\n    chain")[0]
        return receiver in chain


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def gateway(account: Account) -> str:
    """A transit gateway with everything that a routed source needs."""
    made = account.call("CreateTransitGateway", description="joins")["TransitGateway"]
    gateway: str = made["TransitGatewayId"]
    account.call("CreateTransitGatewayVpcAttachment", transit_gateway_id=gateway, vpc_id="vpc-a", subnet_ids=["first"])
    account.connect(TransitGatewayId=gateway)
    (vpn,) = account.call("DescribeTransitGatewayAttachments", filters=[{"Name": "resource-type", "Values": ["vpn"]}])[
        "TransitGatewayAttachments"
    ]
    account.call(
        "CreateTransitGatewayRoute",
        destination_cidr_block=SITE,
        transit_gateway_route_table_id=made["Options"]["PropagationDefaultRouteTableId"],
        transit_gateway_attachment_id=vpn["TransitGatewayAttachmentId"],
    )
    account.route(TransitGatewayId=gateway)
    return gateway


def test_packets_pass_a_transit_gateway_with_routes_at_both_ends(account: Account, gateway: str) -> None:
    assert gateway
    assert account.routes("i-first") == {THERE}
    assert account.routes("forge") == {BACK}
    assert account.passes()
    assert account.passes("10.0.1.4", "192.168.7.20")
    assert account.changes


def test_a_missing_way_back_drops_the_packets_of_both_sides(account: Account, gateway: str) -> None:
    assert gateway
    account.networks.set_routes("data-centre", [])
    assert account.routes("i-first") == {THERE}
    assert not account.passes("10.0.1.4", "192.168.7.20")
    assert not account.passes()


def test_a_missing_route_of_the_vpc_drops_the_packets_of_both_sides(account: Account, gateway: str) -> None:
    assert gateway
    account.records.stores["route_tables"].clear()
    assert account.routes("forge") == {BACK}
    assert not account.passes()


def test_a_missing_route_of_the_transit_gateway_drops_the_packets(account: Account, gateway: str) -> None:
    table = account.call("DescribeTransitGateways", transit_gateway_ids=[gateway])["TransitGateways"][0]["Options"]
    table_id = table["AssociationDefaultRouteTableId"]
    account.call("DeleteTransitGatewayRoute", transit_gateway_route_table_id=table_id, destination_cidr_block=SITE)
    assert not account.passes()


def test_a_zone_without_a_subnet_of_the_attachment_reaches_nothing(account: Account, gateway: str) -> None:
    assert gateway
    second = account.endpoints.add("i-second", subnet_id="second")
    third = account.endpoints.add("i-third", subnet_id="third")
    assert not account.passes(second.ip, "192.168.7.20")
    assert account.passes(third.ip, "192.168.7.20"), "another subnet of the zone of the attachment"


def test_a_detached_vpc_reaches_nothing(account: Account, gateway: str) -> None:
    assert gateway
    (attachment,) = account.call("DescribeTransitGatewayVpcAttachments")["TransitGatewayVpcAttachments"]
    account.call(
        "DeleteTransitGatewayVpcAttachment", transit_gateway_attachment_id=attachment["TransitGatewayAttachmentId"]
    )
    assert account.routes("i-first") == account.routes("forge") == set()


def test_a_virtual_private_gateway_needs_attachment_connection_and_routes(account: Account) -> None:
    account.route(GatewayId="vgw-1")
    account.connect(VpnGatewayId="vgw-1")
    connection = account.records.stores["vpn_connections"]["vpn-1"]
    assert not account.passes()
    connection["Routes"].append({"DestinationCidrBlock": "192.168.0.0/16", "State": "available"})
    assert not account.passes(), "the gateway is not attached"
    account.records.stores["vpn_gateways"]["vgw-1"]["Attachments"] = [{"VpcId": "vpc-a", "State": "attached"}]
    assert account.routes("i-first") == {THERE}
    assert account.passes()
    connection["State"] = "deleted"
    assert not account.passes()


def test_a_connection_with_dynamic_routing_or_of_another_router_carries_nothing(account: Account, gateway: str) -> None:
    account.connect(TransitGatewayId=gateway, static=False)
    assert not account.passes()
    account.connect(TransitGatewayId=gateway)
    account.records.stores["customer_gateways"]["cgw-1"]["IpAddress"] = "192.0.2.99"
    assert not account.passes()


def test_a_host_outside_has_no_metadata_and_is_published_at_its_ports_alone(account: Account) -> None:
    rules = account.firewall.build_rules()
    host = next(one for one in rules.interfaces if one.id == "forge")
    assert (host.vpc, host.has_metadata, host.public_ip) == ("data-centre", False, "192.0.2.20")
    text = render_ruleset(rules, {"forge": "vforge"})
    assert 'iifname { "vforge" } ip daddr 169.254.169.254 drop' in text
    assert "tcp dport 443 accept" in text
    assert "dport 80" not in text


def test_a_host_without_a_public_address_shows_that_of_its_router(account: Account) -> None:
    account.networks.add_host("data-centre", Host("inner", "192.168.7.21"))
    inner = next(one for one in account.firewall.build_rules().interfaces if one.id == "inner")
    assert Route("0.0.0.0/0", "nat", public_ip=ROUTER) in inner.routes


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateTransitGatewayVpcAttachment", {"transit_gateway_id": "tgw-0"}, "InvalidTransitGatewayID.NotFound"),
        ("CreateTransitGatewayVpcAttachment", {"vpc_id": "vpc-0"}, "InvalidVpcID.NotFound"),
        ("CreateTransitGatewayVpcAttachment", {"subnet_ids": ["none"]}, "InvalidSubnetID.NotFound"),
        ("CreateTransitGatewayVpcAttachment", {"subnet_ids": ["first", "third"]}, "DuplicateSubnetsInSameZone"),
        ("CreateTransitGatewayVpcAttachment", {}, "DuplicateTransitGatewayAttachment"),
    ],
)
def test_an_attachment_that_cannot_be_is_refused(
    account: Account, gateway: str, action: str, parameters: dict[str, Any], code: str
) -> None:
    valid = {"transit_gateway_id": gateway, "vpc_id": "vpc-a", "subnet_ids": ["first"]}
    with pytest.raises(ApiError) as caught:
        account.call(action, **{**valid, **parameters})
    assert caught.value.code == code


def test_a_gateway_in_use_stays_and_options_that_change_its_routing_are_refused(account: Account, gateway: str) -> None:
    with pytest.raises(ApiError, match="non-deleted attachments"):
        account.call("DeleteTransitGateway", transit_gateway_id=gateway)
    with pytest.raises(NotEmulated, match="DefaultRouteTableAssociation=disable"):
        account.call("CreateTransitGateway", options={"DefaultRouteTableAssociation": "disable"})


def test_networks_and_hosts_do_not_collide(account: Account) -> None:
    with pytest.raises(RehearsalError, match="collides with data-centre"):
        account.networks.add("other", "192.168.0.0/16", "192.0.2.2")
    with pytest.raises(RehearsalError, match=r"is not in 192\.168\.7\.0/24"):
        account.networks.add_host("data-centre", Host("far", "192.168.8.1"))
    with pytest.raises(RehearsalError, match="forge has this name or the address"):
        account.networks.add_host("data-centre", Host("twin", "192.168.7.20"))
