"""AWS Lambda entry point: one SNS event, usually one record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import SNSEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext
from common.clients.compute import Compute
from common.clients.machines import Machines
from common.clients.reports import Reports
from common.clients.runs import Runs
from common.clock import SystemClock
from common.errors import ConfigurationError
from common.settings import Settings

from report.service import ReportService

logger = Logger(service="report")
metrics = Metrics(namespace="Cutover", service="report")
METRICS = {
    "ignored": "ReportsIgnored",
    "posted": "ReportsPosted",
    "image prepared": "ImagesPrepared",
    "image failed": "ImagesFailed",
}
EXPECTED_OUTCOMES = {"posted", "image prepared"}


def log_outcome(what: str, facts: Mapping[str, Any]) -> None:
    """Log and count what happened to a report."""
    (logger.info if what in EXPECTED_OUTCOMES else logger.warning)(f"report {what}", extra={"facts": dict(facts)})
    metrics.add_metric(name=METRICS[what], unit=MetricUnit.Count, value=1)


@cache
def _create_service() -> ReportService:
    settings = Settings.from_environment(os.environ)
    queue_url = os.environ.get("CUTOVER_QUEUE_URL", "")
    if not queue_url:
        raise ConfigurationError(
            "environment variable CUTOVER_QUEUE_URL is not set", next_action="deploy TestLaunchStack again"
        )
    clock = SystemClock()
    return ReportService(
        site=settings.site,
        required_checks=settings.profile.required_checks,
        runs=Runs(boto3.client("dynamodb"), settings.runs_table, settings.site, clock=clock),
        compute=Compute(boto3.client("ec2")),
        machines=Machines(boto3.client("ssm")),
        queue=Reports(boto3.client("sqs"), queue_url),
        clock=clock,
        log_outcome=log_outcome,
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
@event_source(data_class=SNSEvent)
def handler(event: SNSEvent, _context: LambdaContext) -> dict[str, int]:
    """Process the reports of the event. Return how many were accepted and ignored."""
    taken = [_create_service().take(record.sns.message) for record in event.records]
    return {"taken": sum(taken), "ignored": len(taken) - sum(taken)}
