"""The four resource types, with properties in the form of a template (numbers and booleans may be strings)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.dms.cloudformation import Types
from tests.unit.dms.fakes import MAPPINGS, ROLE, Api, FakeAccount, FakeNetwork


class FakeRegistry:
    """Record the registered types."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, Any]] = {}

    def register_type(self, name: str, **handlers: Any) -> None:
        self.types[name] = handlers

    def generate_physical_name(self, stack: str, logical_id: str, *, longest: int, lower: bool = False) -> str:
        name = f"{stack}-{logical_id}-x"[:longest]
        return name.lower() if lower else name


class Stack:
    def __init__(self, api: Api) -> None:
        self._registry = FakeRegistry()
        Types(self._registry, api.dms)  # type: ignore[arg-type]  # a registry of the test's own

    def create(self, kind: str, **properties: Any) -> tuple[str, dict[str, Any]]:
        made: tuple[str, dict[str, Any]] = self._registry.types[f"AWS::DMS::{kind}"]["create"](
            kind, properties, "Stack"
        )
        return made

    def update(self, kind: str, physical_id: str, old: dict[str, Any], new: dict[str, Any]) -> str:
        return str(self._registry.types[f"AWS::DMS::{kind}"]["update"](physical_id, old, new, "Stack")[0])

    def delete(self, kind: str, physical_id: str) -> None:
        self._registry.types[f"AWS::DMS::{kind}"]["delete"](physical_id, {})


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    login = {"username": "u", "password": "p", "host": "h", "port": 1}
    script = 'import sys; sys.stdin.readline(); print(\'{"error": ""}\')'
    api = Api(FakeNetwork(script), FakeAccount({"s": login}), tmp_path)
    yield api
    api.dms.close()


@pytest.fixture
def stack(api: Api) -> Stack:
    return Stack(api)


GROUP = {
    "ReplicationSubnetGroupDescription": "d",
    "SubnetIds": ["subnet-a", "subnet-b"],
    "Tags": [{"Key": "k", "Value": "v"}],
}
SECRET = {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": ROLE}


def endpoint(kind: str, **settings: Any) -> dict[str, Any]:
    return {"EndpointType": kind, "EngineName": "mysql", "SslMode": "none", "MySqlSettings": {**SECRET, **settings}}


def test_a_whole_stack_is_created_updated_and_deleted(api: Api, stack: Stack) -> None:
    group, _ = stack.create("ReplicationSubnetGroup", **GROUP)
    assert group == "stack-replicationsubnetgroup-x"
    instance, attributes = stack.create(
        "ReplicationInstance",
        ReplicationInstanceIdentifier="cutover-gogs",
        ReplicationInstanceClass="dms.t3.medium",
        AllocatedStorage="50",
        PubliclyAccessible="false",
        ReplicationSubnetGroupIdentifier=group,
        VpcSecurityGroupIds=["sg-1"],
    )
    assert attributes["ReplicationInstancePrivateIpAddresses"] == "10.0.1.5"
    source, _ = stack.create("Endpoint", EndpointIdentifier="one", **endpoint("source"))
    target, _ = stack.create(
        "Endpoint", EndpointIdentifier="two", **endpoint("target", TargetDbType="multiple-databases")
    )
    properties = {
        "ReplicationTaskIdentifier": "cutover-gogs",
        "ResourceIdentifier": "cutover-gogs",
        "ReplicationInstanceArn": instance,
        "SourceEndpointArn": source,
        "TargetEndpointArn": target,
        "MigrationType": "full-load-and-cdc",
        "TableMappings": MAPPINGS,
    }
    task, _ = stack.create("ReplicationTask", **properties)
    assert task.endswith(":task:cutover-gogs")
    assert api("DescribeReplicationTasks")["ReplicationTasks"][0]["Status"] == "ready", "CloudFormation never starts it"
    changed = {**properties, "MigrationType": "full-load"}
    assert stack.update("ReplicationTask", task, properties, changed) == task
    assert api("DescribeReplicationTasks")["ReplicationTasks"][0]["MigrationType"] == "full-load"
    for kind, physical in [("ReplicationTask", task), ("Endpoint", source), ("Endpoint", target),
                           ("ReplicationInstance", instance), ("ReplicationSubnetGroup", group)]:  # fmt: skip
        stack.delete(kind, physical)
        stack.delete(kind, physical)  # a second deletion changes nothing
    assert api("DescribeReplicationInstances")["ReplicationInstances"] == []


def test_a_running_task_cannot_be_changed_or_deleted(api: Api, stack: Stack) -> None:
    group, _ = stack.create("ReplicationSubnetGroup", **GROUP)
    instance, _ = stack.create(
        "ReplicationInstance", ReplicationInstanceClass="dms.t3.medium", ReplicationSubnetGroupIdentifier=group
    )
    ends = [stack.create("Endpoint", EndpointIdentifier=kind, **endpoint(kind))[0] for kind in ("source", "target")]
    properties = {"ReplicationInstanceArn": instance, "SourceEndpointArn": ends[0], "TargetEndpointArn": ends[1],
                  "MigrationType": "cdc", "TableMappings": MAPPINGS}  # fmt: skip
    task, _ = stack.create("ReplicationTask", **properties)
    api.dms.state.get_task(task).status = "running"
    with pytest.raises(ApiError, match="cannot be modified while it is running state"):
        stack.update("ReplicationTask", task, properties, {**properties, "MigrationType": "full-load"})
    with pytest.raises(ApiError, match="cannot be deleted"):
        stack.delete("ReplicationTask", task)


def test_an_endpoint_with_a_generated_name_can_be_replaced(stack: Stack) -> None:
    old = endpoint("source")
    first, _ = stack.create("Endpoint", **old)
    assert stack.update("Endpoint", first, old, endpoint("source", ServerTimezone="UTC")) == first
    assert stack.update("Endpoint", first, old, {**old, "KmsKeyId": "k"}) != first


def test_an_update_replaces_the_tags(api: Api, stack: Stack) -> None:
    group, _ = stack.create("ReplicationSubnetGroup", **GROUP)
    stack.update("ReplicationSubnetGroup", group, GROUP, {**GROUP, "Tags": [{"Key": "other", "Value": 1}]})
    arn = api.dms.state.get_subnet_group(group).arn
    assert [(tag["Key"], tag["Value"]) for tag in api("ListTagsForResource", ResourceArn=arn)["TagList"]] == [
        ("other", "1")
    ]


def test_a_property_that_is_not_emulated_is_rejected(stack: Stack) -> None:
    with pytest.raises(ApiError, match="the attribute x of ExtraConnectionAttributes"):
        stack.create("Endpoint", **endpoint("source"), ExtraConnectionAttributes="initstmt=SELECT 1;x=y")
