"""Alarms on how far the target's rows are behind."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from compliance import describe_alarm
from constructs import Construct


class LagAlarms(Construct):
    """One alarm for each side of DMS. DMS publishes its latencies under two dimensions; with one there is no data."""

    CAUSES: ClassVar = {
        "Source": "look at the load of the source's database and at the network between it and the replication instance",
        "Target": "look at the load of RDS and at the memory of the replication instance. A larger instance_class in [replication] helps",
    }
    """what to look at, by the side that is late"""

    def __init__(self, scope: Construct, construct_id: str, *, identifier: str, threshold_seconds: int) -> None:
        super().__init__(scope, construct_id)
        self.metrics = {
            side: cloudwatch.Metric(
                namespace="AWS/DMS",
                metric_name=f"CDCLatency{side}",
                dimensions_map={
                    "ReplicationInstanceIdentifier": identifier,
                    "ReplicationTaskIdentifier": identifier,
                },
                statistic="Maximum",
                period=Duration.minutes(1),
            )
            for side in ("Source", "Target")
        }
        for side, metric in self.metrics.items():
            metric.create_alarm(
                self,
                side,
                alarm_description=describe_alarm(
                    f"Replication of rows: the {side.lower()} side is more than {threshold_seconds} s behind",
                    do=f"{self.CAUSES[side]}; a run waits for it in preflight, and the window takes as much longer",
                ),
                threshold=threshold_seconds,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=3,
                # No data is neither good nor bad: the task may be stopped for a reason. It shows as what it is.
                treat_missing_data=cloudwatch.TreatMissingData.MISSING,
            )
