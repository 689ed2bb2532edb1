"""Who can reach what. A missing or a superfluous rule is a defect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from settings import Settings

WORLD = ("0.0.0.0/0", "::/0")
PEERING = "NetworkPeering1439B670"


def rules(templates: Any) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(template, where, rule) of every ingress rule, inline or not."""
    inline = [
        (name, key, rule)
        for name, key, group in templates.everywhere("AWS::EC2::SecurityGroup")
        for rule in group["Properties"].get("SecurityGroupIngress", [])
    ]
    return inline + [
        (name, key, one["Properties"]) for name, key, one in templates.everywhere("AWS::EC2::SecurityGroupIngress")
    ]


def test_only_the_source_site_is_public(templates: Any) -> None:
    open_to_all = {
        (name, rule["FromPort"], rule["ToPort"])
        for name, _, rule in rules(templates)
        if rule.get("CidrIp") in WORLD or rule.get("CidrIpv6") in WORLD
    }
    assert open_to_all == {("SourceStack", 80, 80), ("SourceStack", 2222, 2222)}


def test_every_other_rule_names_a_security_group_and_one_port(templates: Any) -> None:
    for name, key, rule in rules(templates):
        if rule.get("CidrIp") not in WORLD:
            assert "SourceSecurityGroupId" in rule, (name, key)
            assert rule["IpProtocol"] == "tcp", (name, key)
            assert rule["FromPort"] == rule["ToPort"], (name, key)


def test_the_database_accepts_only_its_four_clients(templates: Any) -> None:
    into_database = [
        rule["Description"]
        for name, key, rule in rules(templates)
        if name in ("DataStack", "ReplicationStack") and "AccessDatabase" in str(rule.get("GroupId"))
    ]
    assert sorted(into_database) == [
        "DMS",
        "Launched replica: scratch copy, comparison",
        "Source: loads the schema",
        "The site",
    ]


def test_rules_over_the_private_link_depend_on_it(templates: Any) -> None:
    for key, rule in templates.resources("ReplicationStack", "AWS::EC2::SecurityGroupIngress").items():
        if "SourceStack" in str(rule["Properties"]):
            assert PEERING in rule.get("DependsOn", []), key


def test_the_private_link_has_routes_both_ways(templates: Any) -> None:
    routes = [
        route["Properties"]["DestinationCidrBlock"]
        for route in templates.resources("ReplicationStack", "AWS::EC2::Route").values()
        if "VpcPeeringConnectionId" in route["Properties"]
    ]
    assert sorted(routes) == ["10.0.0.0/16", *["10.10.0.0/16"] * 4]


def ways_out(templates: Any) -> list[set[str]]:
    """The NAT gateways that private subnets lead to; and those that are there, each with a public address of its own."""
    gateways = templates.resources("DataStack", "AWS::EC2::NatGateway")
    addresses = {str(one["Properties"]["AllocationId"]) for one in gateways.values()}
    subnets = {str(one["Properties"]["SubnetId"]) for one in gateways.values()}
    assert len(gateways) == len(addresses) == len(subnets)
    used = {
        route["Properties"]["NatGatewayId"]["Ref"]
        for route in templates.resources("DataStack", "AWS::EC2::Route").values()
        if "NatGatewayId" in route["Properties"]
    }
    return [used, set(gateways)]


def test_there_is_one_nat_gateway_or_one_for_each_zone(templates: Any, settings: Settings, synthesized: Any) -> None:
    used, there = ways_out(templates)
    assert used == there
    assert len(there) == 1
    target = settings.target.model_copy(update={"nat_gateways": 2})
    used, there = ways_out(synthesized(settings.model_copy(update={"target": target})))
    assert used == there
    assert len(there) == 2


def test_no_machine_has_a_key_pair_and_metadata_requires_a_token(templates: Any) -> None:
    machines = list(templates.everywhere("AWS::EC2::Instance"))
    assert {key for _, key, _ in machines} == {"DatabaseServerInstanceD1D8162D", "GogsServerInstance412A8975"}
    for _, key, machine in machines:
        assert "KeyName" not in machine["Properties"], key
        assert machine["Properties"]["MetadataOptions"] == {
            "HttpPutResponseHopLimit": 1,
            "HttpTokens": "required",
            "InstanceMetadataTags": "enabled",
        }


@pytest.mark.parametrize(
    ("stack", "kind"),
    [("DataStack", "AWS::RDS::DBInstance"), ("ReplicationStack", "AWS::DMS::ReplicationInstance")],
)
def test_databases_are_not_public(templates: Any, settings: Settings, stack: str, kind: str) -> None:
    assert settings.database.on_delete == "keep"
    assert templates.only(stack, kind)["Properties"]["PubliclyAccessible"] is False
