"""The database's replication task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import Missing, StepFailed

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dms import DatabaseMigrationServiceClient
    from mypy_boto3_dms.literals import StartReplicationTaskTypeValueType


LAG_WINDOW = timedelta(minutes=5)
RELOAD_AT_ONCE = 10
"""tables that the service reloads at a time, at most"""
UNDER_WAY = frozenset({"starting", "running"})


@dataclass(frozen=True, kw_only=True)
class Task:
    """The state of the replication task."""

    arn: str
    name: str
    status: str
    percent: int
    stop_reason: str
    failure: str
    started_before: bool
    instance: str = ""
    """end of the replication instance's ARN, which ReplicationStack makes its identifier too: a dimension of the task's metrics"""
    instance_arn: str = ""
    source_endpoint: str = ""
    """ARN"""
    target_endpoint: str = ""
    """ARN"""


@dataclass(frozen=True, kw_only=True)
class TableState:
    """The state of one table, as DMS reports it."""

    schema: str
    table: str
    state: str
    full_load_rows: int
    validation: str
    failed_records: int
    loaded_at: float = 0.0
    """when its last full load ended, epoch seconds; 0 before"""
    suspended_records: int = 0
    """rows that could not be validated"""
    changes: int = 0
    """rows that were inserted, updated or deleted on the source since the load, as the task has read them"""
    rows: int = 0
    """rows on the target, as far as these counters show"""

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"


class DatabaseReplication:
    """One replication task of DMS."""

    def __init__(
        self, dms: DatabaseMigrationServiceClient, task_arn: str, cloudwatch: CloudWatchClient | None = None
    ) -> None:
        self._dms, self._arn, self._cloudwatch = dms, task_arn, cloudwatch

    def read_task(self) -> Task:
        """Return the state of the task. Missing when it does not exist; StepFailed when DMS does not return it."""
        try:
            with translate_aws_errors("dms:DescribeReplicationTasks"):
                found = self._dms.describe_replication_tasks(
                    Filters=[{"Name": "replication-task-arn", "Values": [self._arn]}]
                )["ReplicationTasks"]
        except StepFailed as failed:
            if not _is_refused_with(failed, "ResourceNotFoundFault"):
                raise
            found = []
        if len(found) != 1:
            raise Missing(f"replication task {self._arn} does not exist", next_action="deploy ReplicationStack")
        raw: Mapping[str, Any] = found[0]
        statistics: Mapping[str, Any] = raw.get("ReplicationTaskStats") or {}
        return Task(
            arn=self._arn,
            name=str(raw.get("ReplicationTaskIdentifier", self._arn)),
            status=str(raw.get("Status", "")),
            percent=int(statistics.get("FullLoadProgressPercent") or 0),
            stop_reason=str(raw.get("StopReason") or ""),
            failure=str(raw.get("LastFailureMessage") or ""),
            started_before=bool(raw.get("ReplicationTaskStartDate")),
            instance=str(raw.get("ReplicationInstanceArn") or "").rpartition(":")[2],
            instance_arn=str(raw.get("ReplicationInstanceArn") or ""),
            source_endpoint=str(raw.get("SourceEndpointArn") or ""),
            target_endpoint=str(raw.get("TargetEndpointArn") or ""),
        )

    def list_tables(self) -> list[TableState]:
        """Return the state of every table."""
        found: list[TableState] = []
        with translate_aws_errors("dms:DescribeTableStatistics"):
            for page in self._dms.get_paginator("describe_table_statistics").paginate(ReplicationTaskArn=self._arn):
                found += [_parse_table(raw) for raw in page["TableStatistics"]]
        return found

    def read_lag(self, task: Task, *, now: float) -> float | None:
        """Return the latest published lag of the target in seconds; None when nothing was published in the last minutes.

        DMS publishes CDCLatencyTarget with two dimensions, the instance's identifier and the end of the task's ARN. With one of them alone there
        is no data.
        """
        if self._cloudwatch is None:
            return None
        end = datetime.fromtimestamp(now, tz=UTC)
        with translate_aws_errors("cloudwatch:GetMetricStatistics"):
            points = self._cloudwatch.get_metric_statistics(
                Namespace="AWS/DMS",
                MetricName="CDCLatencyTarget",
                Dimensions=[
                    {"Name": "ReplicationInstanceIdentifier", "Value": task.instance},
                    {"Name": "ReplicationTaskIdentifier", "Value": self._arn.rpartition(":")[2]},
                ],
                StartTime=end - LAG_WINDOW,
                EndTime=end,
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        latest = max(points, key=lambda point: point["Timestamp"], default=None)
        return None if latest is None else latest["Maximum"]

    def start(self, how: StartReplicationTaskTypeValueType) -> None:
        """Start the task: `start-replication` the first time, `resume-processing` after a stop. Harmless when it already runs.

        Raises StepFailed in any other state that forbids the start, for example without a successful test of an endpoint.
        """
        try:
            with translate_aws_errors("dms:StartReplicationTask"):
                self._dms.start_replication_task(ReplicationTaskArn=self._arn, StartReplicationTaskType=how)
        except StepFailed as failed:
            if not (_is_wrong_state(failed) and self.read_task().status in UNDER_WAY):
                raise

    def reload(self, tables: Sequence[tuple[str, str]]) -> None:
        """Reload these tables (schema, name), RELOAD_AT_ONCE at most; later changes follow. The task must run.

        DMS empties them first, because the task's settings have TRUNCATE_BEFORE_LOAD.
        """
        with translate_aws_errors("dms:ReloadTables"):
            self._dms.reload_tables(
                ReplicationTaskArn=self._arn,
                TablesToReload=[{"SchemaName": schema, "TableName": table} for schema, table in tables],
            )

    def stop(self) -> None:
        """Request the stop: the task is `stopping`, then `stopped`. Harmless when it already is."""
        try:
            with translate_aws_errors("dms:StopReplicationTask"):
                self._dms.stop_replication_task(ReplicationTaskArn=self._arn)
        except StepFailed as failed:
            if not _is_wrong_state(failed):  # the caller polls the state, which decides
                raise


def _is_wrong_state(failed: StepFailed) -> bool:
    return _is_refused_with(failed, "InvalidResourceStateFault")


def _is_refused_with(failed: StepFailed, code: str) -> bool:
    cause = failed.__cause__
    return isinstance(cause, ClientError) and get_error_code(cause) == code


def _parse_table(raw: Mapping[str, Any]) -> TableState:
    return TableState(
        schema=str(raw["SchemaName"]),
        table=str(raw["TableName"]),
        state=str(raw.get("TableState", "")),
        full_load_rows=int(raw.get("FullLoadRows") or 0),
        validation=str(raw.get("ValidationState") or "Not enabled"),
        loaded_at=ended.timestamp() if (ended := raw.get("FullLoadEndTime")) else 0.0,
        failed_records=int(raw.get("ValidationFailedRecords") or 0),
        suspended_records=int(raw.get("ValidationSuspendedRecords") or 0),
        changes=sum(int(raw.get(key) or 0) for key in ("Inserts", "Updates", "Deletes")),
        rows=max(0, sum(int(raw.get(key) or 0) for key in ("FullLoadRows", "Inserts")) - int(raw.get("Deletes") or 0)),
    )
