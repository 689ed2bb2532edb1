"""Test the connections of a replication instance to its endpoints. DMS starts a task only after both tests succeeded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.dms import Task
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_dms import DatabaseMigrationServiceClient

UNTESTED = ""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One connection. `status` has DMS's values testing, successful, failed, deleting; empty when it was never tested."""

    side: str
    """`source` or `target`"""
    endpoint: str
    """ARN"""
    instance: str
    """ARN"""
    name: str
    status: str = UNTESTED
    failure: str = ""


class Connections:
    """The connections of replication tasks."""

    def __init__(self, dms: DatabaseMigrationServiceClient) -> None:
        self._dms = dms

    def list_connections(self, task: Task) -> list[Connection]:
        """Return both connections of the task, the source first, with the outcome of their last tests."""
        sides = {"source": task.source_endpoint, "target": task.target_endpoint}
        tested = {found.endpoint: found for found in self._list_tested(task.instance_arn, sides.values())}
        return [_to_connection(side, arn, task.instance_arn, tested.get(arn)) for side, arn in sides.items()]

    def start_test(self, connection: Connection) -> None:
        """Start a test, whose outcome `of` returns later. Does nothing while a test runs."""
        try:
            with translate_aws_errors("dms:TestConnection"):
                self._dms.test_connection(ReplicationInstanceArn=connection.instance, EndpointArn=connection.endpoint)
        except StepFailed as failed:
            if _get_error_code(failed) != "InvalidResourceStateFault":
                raise

    def _list_tested(self, instance: str, endpoints: Iterable[str]) -> list[Connection]:
        try:
            with translate_aws_errors("dms:DescribeConnections"):
                found = self._dms.describe_connections(
                    Filters=[
                        {"Name": "replication-instance-arn", "Values": [instance]},
                        {"Name": "endpoint-arn", "Values": list(endpoints)},
                    ]
                )["Connections"]
        except StepFailed as failed:
            if _get_error_code(failed) == "ResourceNotFoundFault":  # neither was ever tested
                return []
            raise
        return [
            Connection(
                side="",
                endpoint=raw["EndpointArn"],
                instance=instance,
                name=raw.get("EndpointIdentifier") or raw["EndpointArn"],
                status=raw.get("Status") or UNTESTED,
                failure=raw.get("LastFailureMessage") or "",
            )
            for raw in found
        ]


def _to_connection(side: str, endpoint: str, instance: str, tested: Connection | None) -> Connection:
    if tested is None:
        return Connection(side=side, endpoint=endpoint, instance=instance, name=endpoint.rpartition(":")[2])
    return replace(tested, side=side)


def _get_error_code(failed: StepFailed) -> str:
    return get_error_code(failed.__cause__) if isinstance(failed.__cause__, ClientError) else ""
