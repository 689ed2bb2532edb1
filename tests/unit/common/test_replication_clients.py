"""DMS as the functions call it: tests of connections, and a start that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.stub import Stubber
from common.clients.connections import Connections
from common.clients.dms import DatabaseReplication
from common.errors import Missing, StepFailed

REP, SOURCE, TARGET, TASK = (f"arn:aws:dms:us-east-1:111122223333:{name}" for name in ("rep:R", "endpoint:S", "endpoint:T", "task:K"))  # fmt: skip
WRONG_STATE = "InvalidResourceStateFault"


@pytest.fixture
def stubbed() -> Iterator[tuple[DatabaseReplication, Connections, Stubber]]:
    dms = boto3.client("dms", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(dms) as stubber:
        yield DatabaseReplication(dms, TASK), Connections(dms), stubber
        stubber.assert_no_pending_responses()


def describe(stubber: Stubber, status: str) -> None:
    task = {
        "ReplicationTaskArn": TASK,
        "Status": status,
        "ReplicationInstanceArn": REP,
        "SourceEndpointArn": SOURCE,
        "TargetEndpointArn": TARGET,
    }
    stubber.add_response("describe_replication_tasks", {"ReplicationTasks": [task]})


def test_a_task_has_a_source_and_a_target_connection(stubbed: tuple[DatabaseReplication, Connections, Stubber]) -> None:
    database, connections, stubber = stubbed
    describe(stubber, "ready")
    failed = {
        "EndpointArn": TARGET,
        "EndpointIdentifier": "rows-target",
        "Status": "failed",
        "LastFailureMessage": "no route",
    }
    asked = {
        "Filters": [
            {"Name": "replication-instance-arn", "Values": [REP]},
            {"Name": "endpoint-arn", "Values": [SOURCE, TARGET]},
        ]
    }
    stubber.add_response("describe_connections", {"Connections": [failed]}, asked)

    source, target = connections.list_connections(database.read_task())

    assert (source.side, source.status, source.endpoint, source.instance) == ("source", "", SOURCE, REP)
    assert (target.side, target.status, target.name, target.failure) == ("target", "failed", "rows-target", "no route")


def test_untested_and_running_connection_tests_are_distinguished(
    stubbed: tuple[DatabaseReplication, Connections, Stubber],
) -> None:
    database, connections, stubber = stubbed
    describe(stubber, "ready")
    stubber.add_client_error("describe_connections", "ResourceNotFoundFault")
    stubber.add_client_error(
        "test_connection",
        WRONG_STATE,
        expected_params={"ReplicationInstanceArn": REP, "EndpointArn": SOURCE},
    )

    source, target = connections.list_connections(database.read_task())
    connections.start_test(source)

    assert [source.status, target.status] == ["", ""]


@pytest.mark.parametrize("status", ["starting", "running"])
def test_starting_a_task_that_already_starts_is_a_success(
    stubbed: tuple[DatabaseReplication, Connections, Stubber], status: str
) -> None:
    database, _, stubber = stubbed
    stubber.add_client_error("start_replication_task", WRONG_STATE)
    describe(stubber, status)

    database.start("start-replication")


def test_a_rejected_start_is_reported(stubbed: tuple[DatabaseReplication, Connections, Stubber]) -> None:
    database, _, stubber = stubbed
    stubber.add_client_error("start_replication_task", WRONG_STATE, "Test connection should be successful")
    describe(stubber, "ready")

    with pytest.raises(StepFailed, match="Test connection should be successful"):
        database.start("start-replication")


def test_the_lag_is_requested_with_the_dimensions_of_cloudwatch(
    stubbed: tuple[DatabaseReplication, Connections, Stubber],
) -> None:
    """The instance by its identifier, which ReplicationStack makes the end of its ARN; the task by the end of its ARN."""
    database, _, stubber = stubbed
    describe(stubber, "running")
    task = database.read_task()
    cloudwatch = boto3.client("cloudwatch", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    points = [{"Timestamp": now - timedelta(minutes=2), "Maximum": 9.0}, {"Timestamp": now, "Maximum": 1.5}]
    asked = {
        "Namespace": "AWS/DMS",
        "MetricName": "CDCLatencyTarget",
        "Dimensions": [
            {"Name": "ReplicationInstanceIdentifier", "Value": "R"},
            {"Name": "ReplicationTaskIdentifier", "Value": "K"},
        ],
        "StartTime": now - timedelta(minutes=5),
        "EndTime": now,
        "Period": 60,
        "Statistics": ["Maximum"],
    }
    with Stubber(cloudwatch) as metrics:
        metrics.add_response("get_metric_statistics", {"Datapoints": points}, asked)
        metrics.add_response("get_metric_statistics", {"Datapoints": []}, asked)
        reader = DatabaseReplication(boto3.client("dms", region_name="us-east-1"), TASK, cloudwatch)

        assert reader.read_lag(task, now=now.timestamp()) == 1.5
        assert reader.read_lag(task, now=now.timestamp()) is None


def test_a_missing_task_differs_from_an_unavailable_service(
    stubbed: tuple[DatabaseReplication, Connections, Stubber],
) -> None:
    database, _, stubber = stubbed
    stubber.add_client_error("describe_replication_tasks", "ResourceNotFoundFault")
    stubber.add_response("describe_replication_tasks", {"ReplicationTasks": []})
    stubber.add_client_error("describe_replication_tasks", "AccessDeniedException")
    for _again in range(2):
        with pytest.raises(Missing, match="does not exist"):
            database.read_task()
    with pytest.raises(StepFailed) as denied:
        database.read_task()
    assert not isinstance(denied.value, Missing)
