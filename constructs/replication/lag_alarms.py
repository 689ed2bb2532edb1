"""Alarms on how far the target's rows are behind."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct


class LagAlarms(Construct):
    """One alarm for each side of DMS. DMS publishes its latencies under two dimensions; with one there is no data."""

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
                alarm_description=f"CDCLatency{side}: rows are more than {threshold_seconds} s behind",
                threshold=threshold_seconds,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=3,
                # No data is neither good nor bad: the task may be stopped for a reason. It shows as what it is.
                treat_missing_data=cloudwatch.TreatMissingData.MISSING,
            )
