"""What the report of a rehearsal shows of AWS is read from the local AWS: resources of stacks, and the published lag."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.job.aws import Aws
from tests.unit.state_machines.conftest import emulator

__all__ = ["emulator"]
ACCOUNT = "000000000069"
TASK = "arn:aws:dms:us-east-1:000000000069:task:T1"
BUCKET = {"Resources": {"Evidence": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "report-facts"}}}}


class EmulatedAws(Aws):
    """The emulator without the rehearsal's own services: a task of DMS has its description from here."""

    def make_client(self, service: str) -> Any:
        if service != "dms":
            return super().make_client(service)
        task = {"ReplicationInstanceArn": "arn:aws:dms:us-east-1:1:rep:CUTOVER-GOGS"}
        return SimpleNamespace(describe_replication_tasks=lambda **_: {"ReplicationTasks": [task]})


@pytest.fixture
def aws(emulator: str) -> EmulatedAws:
    return EmulatedAws(
        {
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "t",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": emulator,
        }
    )


def test_the_resources_of_the_stacks_that_exist_are_listed(aws: EmulatedAws) -> None:
    client = aws.make_client("cloudformation")
    client.create_stack(StackName="ReplicationStack", TemplateBody=json.dumps(BUCKET))
    client.get_waiter("stack_create_complete").wait(StackName="ReplicationStack", WaiterConfig={"Delay": 1})

    found = aws.list_resources(["DataStack", "ReplicationStack"])

    assert found == [{"stack": "ReplicationStack", "type": "AWS::S3::Bucket", "id": "report-facts", "name": "Evidence"}]


def test_the_published_lag_is_read_in_the_order_of_time(aws: EmulatedAws) -> None:
    now = time.time() // 10 * 10
    dimensions = [
        {"Name": "ReplicationInstanceIdentifier", "Value": "CUTOVER-GOGS"},
        {"Name": "ReplicationTaskIdentifier", "Value": "T1"},
    ]
    # As rehearsal/dms/metrics.py publishes it: one value of each side every ten seconds
    for moment, source, target in ((now - 20, 0.5, 1.5), (now - 10, 0.25, 2.5)):
        aws.make_client("cloudwatch").put_metric_data(
            Namespace="AWS/DMS",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Timestamp": datetime.fromtimestamp(moment, tz=UTC),
                    "Value": value,
                    "Unit": "Seconds",
                }
                for name, value in (("CDCLatencySource", source), ("CDCLatencyTarget", target))
            ],
        )

    found = aws.read_lag(TASK, now - 60)

    assert [(one["source"], one["target"]) for one in found] == [(0.5, 1.5), (0.25, 2.5)]
    assert [one["time"] for one in found] == [now - 20, now - 10]
