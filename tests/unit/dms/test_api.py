"""The control plane with a script instead of the engine. `Api` checks every response against the shapes of botocore."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.dms.control_plane import LOGIN, start
from tests.unit.dms.fakes import MAPPINGS, ROLE, Api, FakeAccount, FakeNetwork, Site
from tests.waiting import wait_until


def test_a_missing_vpc_role_is_an_error(api: Api, account: FakeAccount) -> None:
    account.roles = False
    code, message = api.get_error(
        "CreateReplicationSubnetGroup",
        ReplicationSubnetGroupIdentifier="g",
        ReplicationSubnetGroupDescription="d",
        SubnetIds=["subnet-a", "subnet-b"],
    )
    assert code == "AccessDeniedFault"
    assert message == "The IAM Role arn:aws:iam::000000000000:role/dms-vpc-role is not configured properly."


def test_a_subnet_group_must_cover_two_zones(api: Api) -> None:
    parameters = {"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d"}
    assert (
        api.get_error("CreateReplicationSubnetGroup", **parameters, SubnetIds=["subnet-a"])[0]
        == "ReplicationSubnetGroupDoesNotCoverEnoughAZs"
    )
    assert api.get_error("CreateReplicationSubnetGroup", **parameters, SubnetIds=["subnet-x"])[0] == "InvalidSubnet"


def test_a_secret_is_read_only_when_it_is_used(api: Api, account: FakeAccount) -> None:
    account.secrets["target-secret"] = {**LOGIN, "password": "wrong"}
    site = Site(api)
    made = {one["EndpointIdentifier"]: one for one in api("DescribeEndpoints")["Endpoints"]}
    assert "Username" not in made["site-source"]
    wait_until(lambda: site.connections()["site-target"]["Status"] == "failed")
    assert "Access denied" in site.connections()["site-target"]["LastFailureMessage"]
    parameters = {"ReplicationTaskArn": site.task, "StartReplicationTaskType": "start-replication"}
    code, message = api.get_error("StartReplicationTask", **parameters)
    assert (code, "Test connection" in message) == ("InvalidResourceStateFault", True)
    account.secrets["target-secret"] = LOGIN
    api("TestConnection", ReplicationInstanceArn=site.instance, EndpointArn=site.target)
    wait_until(lambda: site.connections()["site-target"]["Status"] == "successful")
    start(site)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Username": "u", "MySQLSettings": {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": ROLE}},
         "InvalidParameterCombinationException"),
        ({"MySQLSettings": {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": ROLE, "Port": 1}},
         "InvalidParameterCombinationException"),
        ({"MySQLSettings": {"SecretsManagerSecretId": "s"}}, "InvalidParameterCombinationException"),
        ({"Username": "u", "ServerName": "h", "Port": 1}, "InvalidParameterValueException"),
        ({"Username": "u", "Password": "p", "ServerName": "h", "Port": 1, "SslMode": "verify-full"}, "InvalidParameterValueException"),
        ({"Username": "u", "Password": "p", "ServerName": "h", "Port": 1, "SslMode": "require"}, "InvalidParameterValueException"),
        ({"EngineName": "oracle"}, "UnsupportedOperation"),
    ],
)  # fmt: skip
def test_an_invalid_endpoint_is_rejected(api: Api, more: dict[str, Any], code: str) -> None:
    parameters = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", **more}
    assert api.get_error("CreateEndpoint", **parameters)[0] == code


def test_a_password_is_never_returned(api: Api) -> None:
    api(
        "CreateEndpoint",
        EndpointIdentifier="e",
        EndpointType="source",
        EngineName="mysql",
        Username="u",
        Password="hush",
        ServerName="h",
        Port=1,
    )
    api("CreateEndpoint", EndpointIdentifier="f", EndpointType="source", EngineName="mysql",
        MySQLSettings={"Username": "u", "Password": "hush", "ServerName": "h", "Port": 1})  # fmt: skip
    assert "hush" not in json.dumps(api("DescribeEndpoints"))
    assert "hush" not in repr(api.dms.state.endpoints)


def test_a_resource_in_use_cannot_be_deleted(site: Site, api: Api, network: FakeNetwork) -> None:
    assert api.get_error("DeleteEndpoint", EndpointArn=site.source)[0] == "InvalidResourceStateFault"
    assert (
        api.get_error("DeleteReplicationInstance", ReplicationInstanceArn=site.instance)[0]
        == "InvalidResourceStateFault"
    )
    assert (
        api.get_error("DeleteReplicationSubnetGroup", ReplicationSubnetGroupIdentifier="group")[0]
        == "InvalidResourceStateFault"
    )
    api("DeleteReplicationTask", ReplicationTaskArn=site.task)
    api("DeleteEndpoint", EndpointArn=site.source)
    api("DeleteReplicationInstance", ReplicationInstanceArn=site.instance)
    api("DeleteReplicationSubnetGroup", ReplicationSubnetGroupIdentifier="group")
    assert network.places == {}


def test_task_instance_and_endpoint_can_be_modified(site: Site, api: Api, network: FakeNetwork) -> None:
    changed = api(
        "ModifyReplicationTask",
        ReplicationTaskArn=site.task,
        ReplicationTaskSettings=json.dumps({"TargetMetadata": {"LobMaxSize": 64}}),
    )
    settings = json.loads(changed["ReplicationTask"]["ReplicationTaskSettings"])
    assert settings["TargetMetadata"]["LobMaxSize"] == 64
    assert settings["ValidationSettings"]["EnableValidation"], "a setting that is not given stays"
    api(
        "ModifyReplicationInstance",
        ReplicationInstanceArn=site.instance,
        VpcSecurityGroupIds=["sg-2"],
        AllocatedStorage=77,
    )
    found = api("DescribeReplicationInstances")["ReplicationInstances"][0]
    assert (found["AllocatedStorage"], found["VpcSecurityGroups"][0]["VpcSecurityGroupId"]) == (77, "sg-2")
    assert network.group_changes[-1][1:] == ("sg-2",)
    api("ModifyEndpoint", EndpointArn=site.source, MySQLSettings={"ServerTimezone": "UTC"})
    assert "site-source" not in site.connections(), "a changed endpoint must be tested again"


def test_invalid_mappings_and_settings_are_rejected(site: Site, api: Api) -> None:
    parameters = {"ReplicationTaskIdentifier": "x", "SourceEndpointArn": site.source, "TargetEndpointArn": site.target,
             "ReplicationInstanceArn": site.instance, "MigrationType": "cdc"}  # fmt: skip
    assert (
        api.get_error("CreateReplicationTask", **parameters, TableMappings="{}")[0] == "InvalidParameterValueException"
    )
    transformed = json.dumps({"rules": [{"rule-type": "transformation"}]})
    assert api.get_error("CreateReplicationTask", **parameters, TableMappings=transformed)[0] == "UnsupportedOperation"
    bad = {"TableMappings": MAPPINGS, "ReplicationTaskSettings": '{"What": {}}'}
    assert api.get_error("CreateReplicationTask", **parameters, **bad)[0] == "InvalidParameterValueException"


def test_tags_are_added_removed_and_listed(site: Site, api: Api) -> None:
    api("AddTagsToResource", ResourceArn=site.task, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    api("RemoveTagsFromResource", ResourceArn=site.task, TagKeys=["a"])
    assert [(t["Key"], t["Value"]) for t in api("ListTagsForResource", ResourceArn=site.task)["TagList"]] == [
        ("b", "2")
    ]
    assert api.get_error("ListTagsForResource", ResourceArn="arn:nothing")[0] == "ResourceNotFoundFault"
