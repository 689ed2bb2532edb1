"""Read a run from AWS with the operator's own credentials: run record, evidence bucket, lag of the replication, resources of the stacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.dms import DatabaseReplication
from common.clients.parameters import Parameters
from common.clients.run_record import Record
from common.errors import CutoverError, StepFailed
from common.site_parameters import Replication

from operate.report.balancer import find_dimension, read_balancer
from operate.report.bucket import Bucket
from operate.report.runs import Run, select_run
from operate.report.source import Document, Lag, RunSource, StackResource

STACKS = ("DataStack", "ServersStack", "SourceStack", "ReplicationStack", "TestLaunchStack", "MigrationStack")
LAG_METRICS = ("CDCLatencySource", "CDCLatencyTarget")
T = TypeVar("T")


class AwsReader:
    """Reads one site. `get_client` returns the client of a service. Changes nothing."""

    def __init__(self, site: str, region: str, get_client: Callable[[str], Any]) -> None:
        self._site, self._region, self._get_client = site, region, get_client

    def read(self, record: Record, *, run_id: str, now: float) -> RunSource:
        """Return what AWS has of the site's runs. StepFailed when the evidence cannot be read, or has no such run.

        A part beside the evidence that cannot be read is a sentence in `missing`.
        """
        replication = Parameters(self._get_client("ssm"), self._site).read_replication()
        source = RunSource(
            site=self._site,
            region=self._region,
            place=f"s3://{replication.evidence_bucket}/runs/",
            documents=list(self._read_documents(replication.evidence_bucket)),
            now=now,
            run_id=run_id,
            record=record,
            bucket=replication.evidence_bucket,
        )
        run, missing = select_run(source), list[str]()
        lag = _try("the lag of the replication", lambda: self._read_lag(replication, run), missing)
        resources = _try("the resources of the stacks", lambda: list(self._list_resources()), missing)
        balancer = _try("the metrics of the load balancer", lambda: self._read_balancer(resources, run), missing)
        return replace(source, lag=lag, resources=resources, balancer=balancer, missing=missing)

    def _read_balancer(self, resources: list[StackResource] | None, run: Run) -> list[Bucket] | None:
        dimension = find_dimension(resources or [])
        return read_balancer(self._get_client("cloudwatch"), dimension, run.around) if dimension else None

    def _read_documents(self, bucket: str) -> Iterator[Document]:
        s3 = self._get_client("s3")
        with translate_aws_errors("s3:ListBucket"):
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="runs/")
            keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
        for key in keys:
            if key.endswith(".json"):
                with translate_aws_errors("s3:GetObject"):
                    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                try:
                    yield {"key": key, **json.loads(body)}
                except (ValueError, TypeError) as error:
                    raise StepFailed(
                        f"s3://{bucket}/{key} is no JSON object: {error}",
                        next_action="look at the object: somebody else than the procedure wrote it",
                    ) from error

    def _read_lag(self, replication: Replication, run: Run) -> list[Lag] | None:
        """Return the lag around the run. None: nothing was published."""
        begin, end = (datetime.fromtimestamp(moment, tz=UTC) for moment in run.around)
        task = DatabaseReplication(self._get_client("dms"), replication.replication_task_arn).read_task()
        points: dict[float, dict[str, float]] = {}
        for metric in LAG_METRICS:
            for time, seconds in self._read_metric(metric, task.instance, replication.replication_task_arn, begin, end):
                points.setdefault(time, {})[metric] = seconds
        return [Lag(time, *(one.get(metric) for metric in LAG_METRICS)) for time, one in sorted(points.items())] or None

    def _read_metric(
        self, metric: str, instance: str, task_arn: str, begin: datetime, end: datetime
    ) -> list[tuple[float, float]]:
        """Return the maxima of each minute: DMS publishes once a minute, and a run takes an hour at most."""
        with translate_aws_errors("cloudwatch:GetMetricStatistics"):
            found = self._get_client("cloudwatch").get_metric_statistics(
                Namespace="AWS/DMS",
                MetricName=metric,
                Dimensions=[
                    {"Name": "ReplicationInstanceIdentifier", "Value": instance},
                    {"Name": "ReplicationTaskIdentifier", "Value": task_arn.rpartition(":")[2]},
                ],
                StartTime=begin,
                EndTime=end,
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        return [(one["Timestamp"].timestamp(), float(one["Maximum"])) for one in found]

    def _list_resources(self) -> Iterator[StackResource]:
        """Yield the resources of the stacks that exist."""
        for stack in STACKS:
            pages = self._get_client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
            try:
                with translate_aws_errors("cloudformation:ListStackResources"):
                    found = [one for page in pages for one in page["StackResourceSummaries"]]
            except StepFailed as failed:
                if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == "ValidationError":
                    continue  # no such stack
                raise
            for one in found:
                if not str(one.get("ResourceStatus", "")).startswith("DELETE"):
                    name = str(one["LogicalResourceId"])
                    yield StackResource(stack, str(one["ResourceType"]), str(one.get("PhysicalResourceId") or ""), name)


def _try(what: str, read: Callable[[], T], missing: list[str]) -> T | None:
    try:
        return read()
    except CutoverError as error:
        missing.append(f"{what}: {error.reason}")
        return None
