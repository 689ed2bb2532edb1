"""What is read from AWS, and that a part which cannot be read is a sentence and not a failure."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from common.clients.run_record import Record
from common.errors import StepFailed

from operate.report.aws import AwsReader
from operate.report.runs import AROUND_SECONDS
from operate.report.source import Lag, RunSource, StackResource
from tests.unit.operate.report.evidence import BEGAN, NOW, make_running
from tests.unit.operate.report.test_on_emulator import REPLICATION


class FakeAws:
    """The answers of the services. `denied`: operations that the caller may not do."""

    def __init__(self, *, denied: frozenset[str] = frozenset(), objects: dict[str, bytes] | None = None) -> None:
        self.denied, self.requests = denied, list[dict[str, Any]]()
        self.objects = {one["key"]: json.dumps(one).encode() for one in make_running()} if objects is None else objects
        self.stacks = {"DataStack": [{"ResourceType": "AWS::RDS::DBInstance", "LogicalResourceId": "Db", "PhysicalResourceId": "db-1", "ResourceStatus": "CREATE_COMPLETE"},
                                     {"ResourceType": "AWS::EC2::EIP", "LogicalResourceId": "Gone", "ResourceStatus": "DELETE_COMPLETE"}]}  # fmt: skip

    def __call__(self, _: str) -> FakeAws:
        """Return the client of a service: all are this object."""
        return self

    def get_parameter(self, **_: Any) -> dict[str, Any]:
        return {"Parameter": {"Value": json.dumps(REPLICATION)}}

    def get_paginator(self, name: str) -> Pages:
        return Pages(self, name)

    def get_object(self, **request: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[request["Key"]])}

    def describe_replication_tasks(self, **_: Any) -> dict[str, Any]:
        return {"ReplicationTasks": [{"ReplicationInstanceArn": "arn:aws:dms:x:1:rep:CUTOVER-GOGS"}]}

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        self.require("GetMetricStatistics")
        self.requests.append(request)
        value = 1.0 if request["MetricName"] == "CDCLatencySource" else 2.0
        moments = [BEGAN, BEGAN + 60] if value == 2.0 else [BEGAN]
        return {"Datapoints": [{"Timestamp": datetime.fromtimestamp(one, tz=UTC), "Maximum": value} for one in moments]}

    def require(self, operation: str) -> None:
        if operation in self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not allowed"}}, operation)


class Pages:
    """A paginator: one page."""

    def __init__(self, aws: FakeAws, name: str) -> None:
        self._aws, self._name = aws, name

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        if self._name == "list_objects_v2":
            self._aws.require("ListObjectsV2")
            yield {"Contents": [{"Key": key} for key in sorted(self._aws.objects)]}
        else:
            self._aws.require("ListStackResources")
            if request["StackName"] not in self._aws.stacks:
                raise ClientError(
                    {"Error": {"Code": "ValidationError", "Message": "no such stack"}}, "ListStackResources"
                )
            yield {"StackResourceSummaries": self._aws.stacks[request["StackName"]]}


def read(aws: FakeAws) -> RunSource:
    return AwsReader("gogs", "eu-central-1", aws).read(Record(), run_id="", now=NOW)


def test_records_lag_and_resources_are_read() -> None:
    aws = FakeAws()
    source = read(aws)

    assert len(source.documents) == len(make_running())
    assert source.lag == [Lag(BEGAN, 1.0, 2.0), Lag(BEGAN + 60, None, 2.0)]
    assert source.resources == [StackResource("DataStack", "AWS::RDS::DBInstance", "db-1", "Db")]
    assert (source.missing, source.bucket) == ([], "evidence-1")
    # The metrics are those of the time of the run, under the two dimensions that DMS uses
    request = aws.requests[0]
    assert request["StartTime"].timestamp() == BEGAN - AROUND_SECONDS
    assert {one["Name"]: one["Value"] for one in request["Dimensions"]} == {
        "ReplicationInstanceIdentifier": "CUTOVER-GOGS",
        "ReplicationTaskIdentifier": "T1",
    }


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ("GetMetricStatistics", "the lag of the replication: cloudwatch:GetMetricStatistics"),
        ("ListStackResources", "the resources of the stacks: cloudformation:ListStackResources"),
    ],
)
def test_a_part_that_cannot_be_read_is_named_and_the_rest_is_there(operation: str, sentence: str) -> None:
    source = read(FakeAws(denied=frozenset({operation})))

    assert len(source.missing) == 1
    assert source.missing[0].startswith(sentence)
    assert len(source.documents) == len(make_running())


def test_evidence_that_cannot_be_read_is_a_failure() -> None:
    with pytest.raises(StepFailed, match="s3:ListBucket"):
        read(FakeAws(denied=frozenset({"ListObjectsV2"})))


def test_an_object_that_is_no_json_is_named() -> None:
    with pytest.raises(StepFailed, match=r"s3://evidence-1/runs/a/01-lock\.json is no JSON object"):
        read(FakeAws(objects={"runs/a/01-lock.json": b"<html>"}))


def test_a_bucket_without_records_is_a_failure_before_anything_else_is_read() -> None:
    aws = FakeAws(objects={})

    with pytest.raises(StepFailed, match="there is no step record of any run in s3://evidence-1/runs/"):
        read(aws)
    assert aws.requests == []


def test_older_runs_do_not_widen_the_time_of_the_lag() -> None:
    old = {
        **make_running()[0],
        "run_id": "first-c-old",
        "key": "runs/first-c-old/01-lock.json",
        "began": "2026-12-30T08:00:00.000Z",
    }
    aws = FakeAws(objects={one["key"]: json.dumps(one).encode() for one in (old, *make_running())})
    read(aws)

    assert aws.requests[0]["StartTime"].timestamp() == BEGAN - AROUND_SECONDS
