"""What CloudWatch has of the target's load balancer for HTTP: requests, errors and latencies of each minute.

The metrics are those of the Application Load Balancer (Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load
Balancer"). Unlike RequestCount, the counts by status include what the load balancer refused itself. They exist without any setting, and have no address and no path of a user.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from common.clients.aws import translate_aws_errors

from operate.report.bucket import Bucket
from operate.report.source import StackResource

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
APPLICATION = "loadbalancer/app/"
"""in the ARN of a load balancer for HTTP"""
PERIOD_SECONDS = 60
"""the shortest that the load balancer publishes"""
SUMS = {
    "HTTPCode_Target_2XX_Count": "answered",
    "HTTPCode_Target_3XX_Count": "answered",
    "HTTPCode_Target_4XX_Count": "client_errors",
    "HTTPCode_ELB_4XX_Count": "client_errors",
    "HTTPCode_Target_5XX_Count": "server_errors",
    "HTTPCode_ELB_5XX_Count": "server_errors",
}
PERCENTILES = {"p50": "median", "p95": "p95", "p100": "longest"}
"""of TargetResponseTime: from the request to the target until its response begins"""


def find_dimension(resources: Iterable[StackResource]) -> str | None:
    """Return the load balancer's value of the dimension LoadBalancer: `app/NAME/ID`. None: there is none."""
    arns = [one.id for one in resources if one.type == LOAD_BALANCER and APPLICATION in one.id]
    return arns[0].partition("loadbalancer/")[2] if arns else None


def read_balancer(cloudwatch: Any, dimension: str, around: tuple[float, float]) -> list[Bucket] | None:
    """Return the minutes of this time. None: nothing was published, as for a load balancer without requests."""
    minutes: dict[float, dict[str, float]] = {}
    for metric, name in SUMS.items():
        for point in _read(cloudwatch, dimension, metric, around, Statistics=["Sum"]):
            values = minutes.setdefault(point["Timestamp"].timestamp(), {})
            values[name] = values.get(name, 0.0) + float(point["Sum"])
    for point in _read(cloudwatch, dimension, "TargetResponseTime", around, ExtendedStatistics=list(PERCENTILES)):
        values = minutes.setdefault(point["Timestamp"].timestamp(), {})
        values |= {PERCENTILES[key]: float(value) for key, value in point["ExtendedStatistics"].items()}
    return [_build_bucket(begin, values) for begin, values in sorted(minutes.items())] or None


def _read(
    cloudwatch: Any, dimension: str, metric: str, around: tuple[float, float], **statistics: Any
) -> list[Mapping[str, Any]]:
    begin, end = (datetime.fromtimestamp(moment, tz=UTC) for moment in around)
    with translate_aws_errors("cloudwatch:GetMetricStatistics"):
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName=metric,
            Dimensions=[{"Name": "LoadBalancer", "Value": dimension}],
            StartTime=begin,
            EndTime=end,
            Period=PERIOD_SECONDS,
            **statistics,
        )["Datapoints"]
    return list(found)


def _build_bucket(begin: float, values: Mapping[str, float]) -> Bucket:
    return Bucket(
        begin,
        answered=int(values.get("answered", 0)),
        client_errors=int(values.get("client_errors", 0)),
        server_errors=int(values.get("server_errors", 0)),
        aborted=0,
        held=0,
        forwarded=0,
        median=values.get("median"),
        p95=values.get("p95"),
        longest=values.get("longest"),
    )
