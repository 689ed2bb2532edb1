"""The stacks of an existing source contain nothing of the demo source."""

from __future__ import annotations

import json

from tests.unit.sources.conftest import flatten
from tests.unit.sources.existing import APPLICATION, DATABASE
from tests.unit.stacks.conftest import Templates


def read_parameter(templates: Templates, stack: str, name: str) -> dict[str, object]:
    (value,) = (
        one["Properties"]["Value"]
        for one in templates.resources(stack, "AWS::SSM::Parameter").values()
        if one["Properties"]["Name"] == name
    )
    parts = value["Fn::Join"][1]
    found: dict[str, object] = json.loads("".join(part if isinstance(part, str) else "x" for part in parts))
    return found


def test_no_resource_of_the_demo_is_created_or_referenced(templates: Templates) -> None:
    assert sorted(templates.by_name) == [
        "DataStack",
        "MigrationStack",
        "ReplicationStack",
        "ServersStack",
        "TestLaunchStack",
    ]
    whole = json.dumps(templates.by_name)
    # The demo's stack, its network, the tags of its servers, and the parameters of their first boot
    names = ("SourceStack", "10.10.", "source-app", "source-database", "provisioning/")
    assert [name for name in names if name in whole] == []
    for name, template in templates.by_name.items():
        kinds = {one["Type"] for one in template["Resources"].values()}
        assert not kinds & {"AWS::EC2::Instance", "AWS::EC2::VPCPeeringConnection", "AWS::Route53::HostedZone"}, name


def test_the_parameter_has_the_ids_of_the_servers_and_the_address_of_a_hybrid_node(templates: Templates) -> None:
    replication = read_parameter(templates, "ReplicationStack", "/cutover/gogs/replication")
    assert replication["source_app_instance_id"] == APPLICATION.id
    assert replication["source_app_address"] == APPLICATION.address
    assert replication["source_database_instance_id"] == DATABASE.id


def test_the_application_server_loads_the_schema(templates: Templates) -> None:
    resource = templates.only("ReplicationStack", "Custom::PrepareTargetDatabase")
    assert resource["Properties"]["InstanceId"] == APPLICATION.id


def test_the_public_names_are_those_of_the_ports_of_the_profile(templates: Templates) -> None:
    target = read_parameter(templates, "TestLaunchStack", "/cutover/gogs/target")
    keys = ("hosted_zone_id", "site_dns_name", "ssh_port", "ssh_dns_name")
    assert [target[key] for key in keys] == ["Z0123456789", "git.example.com", 2222, "ssh.git.example.com"]


def test_dms_reads_the_replication_secret_of_the_source(templates: Templates) -> None:
    endpoints = templates.resources("ReplicationStack", "AWS::DMS::Endpoint").values()
    (source,) = (one["Properties"] for one in endpoints if one["Properties"]["EndpointType"] == "source")
    assert flatten(source["MySqlSettings"]["SecretsManagerSecretId"]).endswith("secret:forge/replication-a1B2c3")
