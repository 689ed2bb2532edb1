"""The network of an existing source: routes to its networks, and rules by address or by its own security groups."""

from __future__ import annotations

import json

import pytest
from settings import Settings
from source_site import ManagedNode, RoutedNetwork

from tests.unit.sources.conftest import Replicate, list_command_targets
from tests.unit.sources.existing import (
    APPLICATION_GROUP,
    DATABASE_GROUP,
    ROUTE_TABLE,
    VPC,
    describe_existing,
    import_scope,
    import_vpc,
)
from tests.unit.stacks.conftest import Templates

STACK = "ReplicationStack"


def test_every_private_subnet_has_a_route_to_every_network_of_the_source(templates: Templates) -> None:
    routes = [one for one in templates.resources(STACK, "AWS::EC2::Route").values() if "TransitGatewayId" in str(one)]
    (attachment,) = templates.resources(STACK, "AWS::EC2::TransitGatewayVpcAttachment")
    assert len([key for key in templates.resources("DataStack", "AWS::EC2::Subnet") if "Public" not in key]) == 4
    assert sorted(route["Properties"]["DestinationCidrBlock"] for route in routes) == [
        *["172.20.0.0/16"] * 4,
        *["192.168.7.0/24"] * 4,
    ]
    for route in routes:
        assert route["Properties"]["TransitGatewayId"] == "tgw-0123456789abcdef0"
        assert attachment in route["DependsOn"]


def test_a_virtual_private_gateway_is_attached_and_routed_to(settings: Settings, replicate: Replicate) -> None:
    gateway = RoutedNetwork(cidrs=("192.168.7.0/24",), gateway_id="vgw-0123456789abcdef0")
    templates = replicate(describe_existing(import_scope(settings), settings, reachability=gateway))
    (attachment,) = (
        key
        for key, one in templates.resources(STACK, "AWS::EC2::VPCGatewayAttachment").items()
        if one["Properties"].get("VpnGatewayId") == "vgw-0123456789abcdef0"
    )
    routes = [
        one
        for one in templates.resources(STACK, "AWS::EC2::Route").values()
        if one["Properties"]["DestinationCidrBlock"] == "192.168.7.0/24"
    ]
    assert len(routes) == 4
    assert {route["Properties"]["GatewayId"] for route in routes} == {"vgw-0123456789abcdef0"}
    assert all(attachment in route["DependsOn"] for route in routes)


def test_ingress_is_allowed_from_the_address_of_one_server_only(templates: Templates) -> None:
    rules = [
        one["Properties"]
        for one in templates.resources(STACK, "AWS::EC2::SecurityGroupIngress").values()
        if "CidrIp" in one["Properties"]
    ]
    assert sorted((rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in rules) == [
        ("192.168.7.20/32", 1500, 1500),
        ("192.168.7.20/32", 3306, 3306),
    ]
    for key, group in templates.resources(STACK, "AWS::EC2::SecurityGroup").items():
        assert "CidrIp" not in json.dumps(group["Properties"].get("SecurityGroupIngress", [])), key


@pytest.fixture(scope="module")
def peering(settings: Settings, replicate: Replicate) -> Templates:
    """ReplicationStack for two EC2 instances in an existing VPC."""
    imports = import_scope(settings)
    source = describe_existing(
        imports,
        settings,
        application=ManagedNode(id="i-0123456789abcdef0"),
        database=ManagedNode(id="i-0fedcba9876543210"),
        reachability=import_vpc(imports),
    )
    return replicate(source)


def test_an_existing_vpc_is_peered_and_gets_the_return_route(peering: Templates) -> None:
    assert peering.only(STACK, "AWS::EC2::VPCPeeringConnection")["Properties"]["PeerVpcId"] == VPC
    back = [one for one in peering.resources(STACK, "AWS::EC2::Route").values() if ROUTE_TABLE in str(one)]
    assert [route["Properties"]["DestinationCidrBlock"] for route in back] == ["10.0.0.0/16"]


def test_existing_security_groups_get_one_rule_for_each_caller(peering: Templates) -> None:
    rules = [one["Properties"] for one in peering.resources(STACK, "AWS::EC2::SecurityGroupIngress").values()]
    into = [rule for rule in rules if rule["GroupId"] in (APPLICATION_GROUP, DATABASE_GROUP)]
    assert sorted((rule["GroupId"], rule["FromPort"], rule["ToPort"]) for rule in into) == [
        (APPLICATION_GROUP, 2222, 2222),
        (DATABASE_GROUP, 3307, 3307),
        (DATABASE_GROUP, 3307, 3307),
    ]
    assert all("SourceSecurityGroupId" in rule for rule in rules)


def test_commands_to_an_existing_instance_are_allowed_by_its_id(peering: Templates) -> None:
    assert list_command_targets(peering, STACK) == {
        "arn:<partition>:ec2:<region>:<account>:instance/i-0123456789abcdef0"
    }
