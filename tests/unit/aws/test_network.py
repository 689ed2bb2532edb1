"""Addresses, rules of security groups, and the model of the packet filter that is derived from the API's records."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.network.addresses import Addresses
from rehearsal.aws.network.api.group_rules import GroupRules
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.firewall import Firewall
from rehearsal.aws.network.transit import TransitRecords
from rehearsal.aws.network.tunnels import Tunnels
from rehearsal.aws.registry import Action, Registry
from rehearsal.on_premises.networks import OwnNetworks
from rehearsal.world import Permission, Route


class Records:
    """ministack's stores, and the registered actions."""

    def __init__(self) -> None:
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.stores: dict[str, dict[str, Any]] = {
            "vpcs": {vpc: {"DefaultSecurityGroupId": f"sg-{vpc}"} for vpc in ("vpc-a", "vpc-b")},
            "subnets": {
                "public": create_subnet("vpc-a", "10.0.0.0/24", public=True),
                "private": create_subnet("vpc-a", "10.0.1.0/24"),
                "other": create_subnet("vpc-b", "10.1.0.0/24"),
            },
            "security_groups": {
                name: {
                    "GroupId": name,
                    "GroupName": name,
                    "VpcId": vpc,
                    "IpPermissions": [],
                    "IpPermissionsEgress": [dict(everything)],
                }
                for name, vpc in (("sg-vpc-a", "vpc-a"), ("sg-vpc-b", "vpc-b"), ("sg-web", "vpc-a"))
            },
            "route_tables": {
                "main": create_route_table(
                    "vpc-a", [{"GatewayId": "local", "DestinationCidrBlock": "10.0.0.0/16"}], Main=True
                ),
                "public": create_route_table(
                    "vpc-a", [{"GatewayId": "igw-1", "DestinationCidrBlock": "0.0.0.0/0"}], SubnetId="public"
                ),
                "private": create_route_table(
                    "vpc-a",
                    [
                        {"NatGatewayId": "nat-1", "DestinationCidrBlock": "0.0.0.0/0"},
                        {"VpcPeeringConnectionId": "pcx-1", "DestinationCidrBlock": "10.1.0.0/16"},
                    ],
                    SubnetId="private",
                ),
            },
            "vpc_peering": {
                "pcx-1": {
                    "RequesterVpcInfo": {"VpcId": "vpc-a"},
                    "AccepterVpcInfo": {"VpcId": "vpc-b"},
                    "Status": {"Code": "active"},
                }
            },
            "internet_gateways": {"igw-1": {"Attachments": [{"VpcId": "vpc-a"}]}},
            **{name: {} for name in ("vpn_gateways", "customer_gateways", "vpn_connections", "tags")},
        }
        self.registered: dict[str, Action] = {}

    def get_records(self, _: str, name: str) -> dict[str, Any]:
        return self.stores[name]

    def register_actions(self, _: str, table: dict[str, Action]) -> None:
        self.registered.update(table)


def create_subnet(vpc: str, cidr: str, *, public: bool = False) -> dict[str, Any]:
    return {"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": "us-east-1a", "MapPublicIpOnLaunch": public}


def create_route_table(vpc: str, routes: list[dict[str, Any]], **association: Any) -> dict[str, Any]:
    return {"VpcId": vpc, "Routes": routes, "Associations": [association]}


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def endpoints(records: Records) -> Endpoints:
    return Endpoints(cast("Registry", records))


@pytest.fixture
def firewall(records: Records, endpoints: Endpoints) -> Firewall:
    nat = {"nat-1": SimpleNamespace(state="available", public_ip="203.0.113.77")}
    registry, networks = cast("Registry", records), OwnNetworks()
    tunnels = Tunnels(registry, TransitRecords(registry), networks)
    return Firewall(registry, endpoints, cast("Any", None), nat, tunnels, networks)


def routes(firewall: Firewall, name: str) -> tuple[Route, ...]:
    return next(interface.routes for interface in firewall.build_rules().interfaces if interface.id == name)


def test_aws_reserves_the_first_four_addresses_and_the_last() -> None:
    addresses = Addresses()
    assert [addresses.reserve("10.0.0.0/29") for _ in range(3)] == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    with pytest.raises(ApiError, match="no free address"):
        addresses.reserve("10.0.0.0/29")
    addresses.release("10.0.0.5")
    assert addresses.reserve("10.0.0.0/29") == "10.0.0.5"


def test_a_requested_address_must_be_free_and_within_the_subnet() -> None:
    addresses = Addresses()
    assert addresses.reserve("10.0.0.0/24", "10.0.0.20") == "10.0.0.20"
    with pytest.raises(ApiError, match="in use"):
        addresses.reserve("10.0.0.0/24", "10.0.0.20")
    with pytest.raises(ApiError, match="does not fall within"):
        addresses.reserve("10.0.0.0/24", "10.0.1.20")


def test_an_endpoint_gets_the_default_group_of_its_vpc_and_the_addresses_of_its_subnet(endpoints: Endpoints) -> None:
    first = endpoints.add("i-1", subnet_id="public")
    assert (first.groups, first.public_ip is not None) == (("sg-vpc-a",), True)
    assert endpoints.add("i-2", subnet_id="private").public_ip is None


def test_an_endpoint_with_a_group_of_another_vpc_is_rejected_and_not_stored(endpoints: Endpoints) -> None:
    with pytest.raises(ApiError):
        endpoints.add("i-1", subnet_id="private", groups=["sg-vpc-b"])
    assert endpoints.list_all() == []


def test_routes_come_from_the_table_of_the_subnet_or_the_main_table(
    records: Records, endpoints: Endpoints, firewall: Firewall
) -> None:
    for name, subnet in (("i-public", "public"), ("i-private", "private")):
        endpoints.add(name, subnet_id=subnet)
    assert routes(firewall, "i-public") == (Route("0.0.0.0/0", "internet"),)
    assert routes(firewall, "i-private") == (
        Route("0.0.0.0/0", "nat", public_ip="203.0.113.77"),
        Route("10.1.0.0/16", "peering", peer="vpc-b"),
    )
    # Given a deleted peering, a detached gateway, and a subnet without its own table
    records.stores["vpc_peering"]["pcx-1"]["Status"]["Code"] = "deleted"
    records.stores["internet_gateways"]["igw-1"]["Attachments"] = []
    del records.stores["route_tables"]["private"]
    assert routes(firewall, "i-public") == ()
    assert routes(firewall, "i-private") == ()


def test_a_rule_is_stored_for_each_source_and_reported_as_a_change(records: Records, firewall: Firewall) -> None:
    notified: list[int] = []
    GroupRules(cast("Registry", records), lambda: notified.append(len(firewall.build_rules().groups)))
    two = [
        {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "1.1.1.1/32"}],
        }
    ]
    made = records.registered["AuthorizeSecurityGroupIngress"]("sg-web", ip_permissions=two)
    assert made is not None
    assert len(made["SecurityGroupRules"]) == 2
    group = next(group for group in firewall.build_rules().groups if group.id == "sg-web")
    assert group.ingress == (Permission("tcp", 80, 80, cidr="10.0.0.0/8"), Permission("tcp", 80, 80, cidr="1.1.1.1/32"))
    assert notified == [3]


def test_a_duplicate_or_missing_rule_is_an_error(records: Records) -> None:
    GroupRules(cast("Registry", records), lambda: None)
    authorize, revoke = (records.registered[f"{verb}SecurityGroupIngress"] for verb in ("Authorize", "Revoke"))
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [{"GroupId": "sg-vpc-a"}]}]
    authorize("sg-web", ip_permissions=rule)
    with pytest.raises(ApiError) as twice:
        authorize("sg-web", ip_permissions=rule)
    assert twice.value.code == "InvalidPermission.Duplicate"
    revoke("sg-web", ip_permissions=rule)
    with pytest.raises(ApiError) as gone:
        revoke("sg-web", ip_permissions=rule)
    assert gone.value.code == "InvalidPermission.NotFound"


def test_a_rule_can_be_revoked_by_its_id(records: Records) -> None:
    GroupRules(cast("Registry", records), lambda: None)
    rule = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    made = records.registered["AuthorizeSecurityGroupIngress"]("sg-web", ip_permissions=rule)
    assert made is not None
    id_ = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    records.registered["RevokeSecurityGroupIngress"]("sg-web", security_group_rule_ids=[id_])
    assert records.stores["security_groups"]["sg-web"]["IpPermissions"] == []
