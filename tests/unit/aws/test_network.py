"""Addresses, rules of security groups and the model of the packet filter that follows from the API's records."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.network.addresses import Addresses
from rehearsal.aws.network.api.group_rules import GroupRules
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.firewall import Firewall
from rehearsal.aws.registry import Action, Registry
from rehearsal.world import Permission, Route


class Records:
    """ministack's stores, and the actions that were registered."""

    def __init__(self) -> None:
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.stores: dict[str, dict[str, Any]] = {
            "vpcs": {vpc: {"DefaultSecurityGroupId": f"sg-{vpc}"} for vpc in ("vpc-a", "vpc-b")},
            "subnets": {
                "public": _subnet("vpc-a", "10.0.0.0/24", public=True),
                "private": _subnet("vpc-a", "10.0.1.0/24"),
                "other": _subnet("vpc-b", "10.1.0.0/24"),
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
                "main": _table("vpc-a", [{"GatewayId": "local", "DestinationCidrBlock": "10.0.0.0/16"}], Main=True),
                "out": _table(
                    "vpc-a", [{"GatewayId": "igw-1", "DestinationCidrBlock": "0.0.0.0/0"}], SubnetId="public"
                ),
                "behind": _table(
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
        }
        self.registered: dict[str, Action] = {}

    def records(self, _: str, name: str) -> dict[str, Any]:
        return self.stores[name]

    def actions(self, _: str, table: dict[str, Action]) -> None:
        self.registered.update(table)


def _subnet(vpc: str, cidr: str, *, public: bool = False) -> dict[str, Any]:
    return {"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": "us-east-1a", "MapPublicIpOnLaunch": public}


def _table(vpc: str, routes: list[dict[str, Any]], **association: Any) -> dict[str, Any]:
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
    return Firewall(cast("Registry", records), endpoints, cast("Any", None), nat)


def routes(firewall: Firewall, name: str) -> tuple[Route, ...]:
    return next(interface.routes for interface in firewall.rules().interfaces if interface.id == name)


def test_the_first_four_addresses_and_the_last_are_aws_s_own() -> None:
    addresses = Addresses()
    assert [addresses.take("10.0.0.0/29") for _ in range(3)] == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    with pytest.raises(ApiError, match="no free address"):
        addresses.take("10.0.0.0/29")
    addresses.release("10.0.0.5")
    assert addresses.take("10.0.0.0/29") == "10.0.0.5"


def test_a_wanted_address_is_given_once_and_only_within_the_subnet() -> None:
    addresses = Addresses()
    assert addresses.take("10.0.0.0/24", "10.0.0.20") == "10.0.0.20"
    with pytest.raises(ApiError, match="in use"):
        addresses.take("10.0.0.0/24", "10.0.0.20")
    with pytest.raises(ApiError, match="does not fall within"):
        addresses.take("10.0.0.0/24", "10.0.1.20")


def test_an_endpoint_without_groups_gets_the_vpc_s_own_and_an_address_as_its_subnet_says(endpoints: Endpoints) -> None:
    first = endpoints.add("i-1", subnet_id="public")
    assert (first.groups, first.public_ip is not None) == (("sg-vpc-a",), True)
    assert endpoints.add("i-2", subnet_id="private").public_ip is None


def test_a_group_of_another_network_is_refused_and_nothing_is_kept(endpoints: Endpoints) -> None:
    with pytest.raises(ApiError):
        endpoints.add("i-1", subnet_id="private", groups=["sg-vpc-b"])
    assert endpoints.all() == []


def test_routes_follow_the_subnet_s_table_else_the_main_one(
    records: Records, endpoints: Endpoints, firewall: Firewall
) -> None:
    for name, subnet in (("i-public", "public"), ("i-private", "private")):
        endpoints.add(name, subnet_id=subnet)
    assert routes(firewall, "i-public") == (Route("0.0.0.0/0", "internet"),)
    assert routes(firewall, "i-private") == (
        Route("0.0.0.0/0", "nat", public_ip="203.0.113.77"),
        Route("10.1.0.0/16", "peering", peer="vpc-b"),
    )
    # Given a peering that is gone and a gateway that is detached, and a subnet without a table of its own
    records.stores["vpc_peering"]["pcx-1"]["Status"]["Code"] = "deleted"
    records.stores["internet_gateways"]["igw-1"]["Attachments"] = []
    del records.stores["route_tables"]["behind"]
    assert routes(firewall, "i-public") == ()
    assert routes(firewall, "i-private") == ()


def test_rules_name_one_source_each_and_count_at_once(records: Records, firewall: Firewall) -> None:
    told: list[int] = []
    GroupRules(cast("Registry", records), lambda: told.append(len(firewall.rules().groups)))
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
    group = next(group for group in firewall.rules().groups if group.id == "sg-web")
    assert group.ingress == (Permission("tcp", 80, 80, cidr="10.0.0.0/8"), Permission("tcp", 80, 80, cidr="1.1.1.1/32"))
    assert told == [3]


def test_a_rule_is_neither_made_twice_nor_revoked_when_it_is_not_there(records: Records) -> None:
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


def test_a_rule_is_revoked_by_its_id_too(records: Records) -> None:
    GroupRules(cast("Registry", records), lambda: None)
    rule = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    made = records.registered["AuthorizeSecurityGroupIngress"]("sg-web", ip_permissions=rule)
    assert made is not None
    id_ = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    records.registered["RevokeSecurityGroupIngress"]("sg-web", security_group_rule_ids=[id_])
    assert records.stores["security_groups"]["sg-web"]["IpPermissions"] == []
