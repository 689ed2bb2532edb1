"""Every operation that a cutover needs, in one walk: botocore's model accepts each request and each response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from tests.unit.aws.mgn.source_servers import TEMPLATE, Register, Server

OPERATIONS = {
    "InitializeService": 204,
    "CreateReplicationConfigurationTemplate": 201,
    "DescribeReplicationConfigurationTemplates": 200,
    "UpdateReplicationConfigurationTemplate": 200,
    "DeleteReplicationConfigurationTemplate": 204,
    "CreateLaunchConfigurationTemplate": 201,
    "DescribeLaunchConfigurationTemplates": 200,
    "UpdateLaunchConfigurationTemplate": 200,
    "DescribeSourceServers": 200,
    "GetReplicationConfiguration": 200,
    "UpdateReplicationConfiguration": 200,
    "GetLaunchConfiguration": 200,
    "UpdateLaunchConfiguration": 200,
    "ListSourceServerActions": 200,
    "StartReplication": 200,
    "StopReplication": 200,
    "PauseReplication": 200,
    "ResumeReplication": 200,
    "ChangeServerLifeCycleState": 200,
    "StartTest": 202,
    "StartCutover": 202,
    "TerminateTargetInstances": 202,
    "DescribeJobs": 200,
    "DescribeJobLogItems": 200,
    "DeleteJob": 204,
    "FinalizeCutover": 200,
    "DisconnectFromService": 200,
    "MarkAsArchived": 200,
    "DeleteSourceServer": 204,
    "ListTagsForResource": 200,
    "TagResource": 200,
    "UntagResource": 200,
}
"""operation -> HTTP status of its success"""
RETRY = "RetryDataReplication"
"""It needs a stalled server: tests/unit/aws/mgn/test_faults.py"""


class Walk:
    """Calls operations and checks each response against its shape: no member may be unknown or of another type."""

    def __init__(self, mgn: Any) -> None:
        self._mgn = mgn
        self.called: dict[str, int] = {}

    def __call__(self, operation: str, **arguments: Any) -> dict[str, Any]:
        response: dict[str, Any] = self._mgn._make_api_call(operation, arguments)
        metadata = response.pop("ResponseMetadata")
        self.called[operation] = metadata["HTTPStatusCode"]
        shape = self._mgn.meta.service_model.operation_model(operation).output_shape
        if shape is not None:
            assert list(deviations(shape, response, operation)) == []
        return response


def deviations(shape: Shape, value: Any, where: str) -> Iterator[str]:
    """Yield where a response differs from its shape, enumerations and patterns of ids among it."""
    if isinstance(shape, StructureShape):
        yield from (f"{where}.{name}: unknown" for name in value.keys() - shape.members.keys())
        yield from (f"{where}.{name}: missing" for name in shape.required_members if name not in value)
        for name in value.keys() & shape.members.keys():
            yield from deviations(shape.members[name], value[name], f"{where}.{name}")
    elif isinstance(shape, ListShape):
        for inner in value:
            yield from deviations(shape.member, inner, f"{where}[]")
    elif isinstance(shape, MapShape):
        for key, inner in value.items():
            yield from deviations(shape.value, inner, f"{where}.{key}")
    elif shape.type_name == "string":
        enum, longest = getattr(shape, "enum", None), shape.metadata.get("max", 10**6)
        # LAUNCH_END is in real logs and not in the enumeration.
        if not isinstance(value, str) or (enum and value not in (*enum, "LAUNCH_END")) or len(value) > longest:
            yield f"{where}: {value!r}"
    elif not isinstance(value, {"boolean": bool}.get(shape.type_name, int)):
        yield f"{where}: {value!r}"


def replicate(walk: Walk, server: Server) -> None:
    one = {"sourceServerID": server.id}
    for operation in ("PauseReplication", "ResumeReplication"):
        walk(operation, **one)
    walk("UpdateReplicationConfiguration", **walk("GetReplicationConfiguration", **one))


def configure(walk: Walk, subnet: str) -> None:
    walk("InitializeService")
    template = walk("CreateReplicationConfigurationTemplate", **TEMPLATE, stagingAreaSubnetId=subnet)
    identifier = {"replicationConfigurationTemplateID": template["replicationConfigurationTemplateID"]}
    walk("DescribeReplicationConfigurationTemplates", replicationConfigurationTemplateIDs=list(identifier.values()))
    walk("UpdateReplicationConfigurationTemplate", **identifier, createPublicIP=True)
    walk("DeleteReplicationConfigurationTemplate", **identifier)
    launch = walk("CreateLaunchConfigurationTemplate", launchDisposition="STARTED")
    walk("DescribeLaunchConfigurationTemplates")
    walk(
        "UpdateLaunchConfigurationTemplate",
        launchConfigurationTemplateID=launch["launchConfigurationTemplateID"],
        copyPrivateIp=False,
    )


def launch(walk: Walk, server: Server, subnet: str) -> None:
    one, several = {"sourceServerID": server.id}, {"sourceServerIDs": [server.id]}
    server.place(subnet)
    walk("GetLaunchConfiguration", **one)
    walk("ListSourceServerActions", **one)
    walk("UpdateLaunchConfiguration", **one, targetInstanceTypeRightSizingMethod="NONE")
    test = walk("StartTest", **several, tags={"run": "1"})["job"]["jobID"]
    server.end_of(test)
    walk("ChangeServerLifeCycleState", **one, lifeCycle={"state": "READY_FOR_CUTOVER"})
    server.end_of(walk("TerminateTargetInstances", **several)["job"]["jobID"])
    server.end_of(walk("StartCutover", **several)["job"]["jobID"])
    walk("DescribeJobs", filters={"jobIDs": [test]}, maxResults=10)
    walk("DescribeJobLogItems", jobID=test)
    walk("DeleteJob", jobID=test)
    walk("FinalizeCutover", **one)
    walk("MarkAsArchived", **one)
    walk("DescribeSourceServers", filters={"sourceServerIDs": [server.id], "isArchived": True})
    walk("DeleteSourceServer", **one)


def test_each_response_of_a_cutover_matches_the_service_model(mgn: Any, register: Register, subnet: str) -> None:
    walk, server, other = Walk(mgn), register(), register()
    configure(walk, subnet)
    arn = walk("DescribeSourceServers", filters={"sourceServerIDs": [server.id]})["items"][0]["arn"]
    walk("TagResource", resourceArn=arn, tags={"a": "b"})
    walk("ListTagsForResource", resourceArn=arn)
    walk("UntagResource", resourceArn=arn, tagKeys=["a"])
    replicate(walk, server)
    walk("StopReplication", sourceServerID=other.id)
    walk("StartReplication", sourceServerID=other.id)
    walk("DisconnectFromService", sourceServerID=other.id)
    launch(walk, server, subnet)
    assert walk.called == OPERATIONS


def test_an_operation_that_is_not_emulated_fails_with_its_name(mgn: Any) -> None:
    with pytest.raises(mgn.exceptions.ClientError, match="mgn CreateWave is not emulated"):
        mgn.create_wave(name="one")


def test_a_token_that_was_not_given_out_is_refused(mgn: Any) -> None:
    with pytest.raises(mgn.exceptions.ValidationException, match="not a token"):
        mgn.describe_jobs(nextToken="never given")
