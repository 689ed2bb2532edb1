"""The rehearsal's AWS, as its user sees it: clients in the environment that `rehearsal env` exports."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3


class Aws:
    """Everything by boto3 over the local endpoint; nothing here looks into the rehearsal."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        self._endpoint = environment["AWS_ENDPOINT_URL"]
        self._lock = threading.Lock()

    def make_client(self, service: str) -> Any:
        """Return a client of the local AWS. Several threads may call it, which a session of boto3 does not support."""
        with self._lock:
            return self._session.client(service, endpoint_url=self._endpoint)  # type: ignore[call-overload]

    def read_secret(self, name: str) -> dict[str, str]:
        """Return a JSON secret, decoded."""
        found: dict[str, str] = json.loads(
            self.make_client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        )
        return found

    def read_parameter(self, name: str) -> dict[str, Any]:
        """Return a JSON parameter, decoded."""
        found: dict[str, Any] = json.loads(self.make_client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
        return found

    def list_resources(self, stacks: Iterable[str]) -> list[dict[str, str]]:
        """Return the resources of the stacks that exist."""
        client = self.make_client("cloudformation")
        found: list[dict[str, str]] = []
        for stack in stacks:
            try:
                pages = list(client.get_paginator("list_stack_resources").paginate(StackName=stack))
            except client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] == "ValidationError":
                    continue  # no such stack
                raise
            found += [
                {
                    "stack": stack,
                    "type": one["ResourceType"],
                    "id": one.get("PhysicalResourceId", ""),
                    "name": one["LogicalResourceId"],
                }
                for page in pages
                for one in page["StackResourceSummaries"]
            ]
        return found

    def read_lag(self, task_arn: str, since: float) -> list[dict[str, float]]:
        """Return the published lag of a replication task since a moment, in the order of time. The local DMS publishes it every ten seconds."""
        (task,) = self.make_client("dms").describe_replication_tasks(
            Filters=[{"Name": "replication-task-arn", "Values": [task_arn]}]
        )["ReplicationTasks"]
        dimensions = {
            "ReplicationInstanceIdentifier": task["ReplicationInstanceArn"].rpartition(":")[2],
            "ReplicationTaskIdentifier": task_arn.rpartition(":")[2],
        }
        points: dict[float, dict[str, float]] = {}
        for side, metric in (("source", "CDCLatencySource"), ("target", "CDCLatencyTarget")):
            found = self.make_client("cloudwatch").get_metric_statistics(
                Namespace="AWS/DMS",
                MetricName=metric,
                Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
                StartTime=datetime.fromtimestamp(since, tz=UTC),
                EndTime=datetime.now(tz=UTC),
                Period=10,
                Statistics=["Maximum"],
            )["Datapoints"]
            for one in found:
                points.setdefault(one["Timestamp"].timestamp(), {})[side] = float(one["Maximum"])
        return [{"time": time, **one} for time, one in sorted(points.items())]

    def read_records(self, bucket: str) -> list[dict[str, Any]]:
        """Return every step record of the procedure's evidence, in the order of their keys. The logs of machines beside them are text."""
        s3 = self.make_client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="runs/")
        objects = (one["Key"] for page in pages for one in page.get("Contents", []))
        keys = sorted(key for key in objects if key.endswith(".json"))
        return [{"key": key, **json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())} for key in keys]
