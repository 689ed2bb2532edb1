"""AWS Lambda entry point: a schedule calls it every few minutes. Usually no run is suspended, and the function only reads one item."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from common.clients.providers import create_provider
from common.clients.runs import Runs
from common.clock import SystemClock
from common.errors import Retryable
from common.settings import Settings
from common.suspended_replica import SuspendedReplica

logger = Logger(service="expiry")
CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})


@cache
def _create_replica() -> SuspendedReplica:
    settings, clock = Settings.from_environment(os.environ), SystemClock()
    provider = create_provider(settings, clock, lambda service: boto3.client(service, config=CONFIG))  # type: ignore[call-overload]
    runs = Runs(boto3.client("dynamodb", config=CONFIG), settings.runs_table, settings.site, clock=clock)
    return SuspendedReplica(runs=runs, provider=provider)


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Remove the replica whose time is over. Return what became of it."""
    now = SystemClock().now()
    try:
        removal = _create_replica().remove(lambda suspension: suspension.until <= now)
    except Retryable as error:  # the schedule calls again
        logger.warning("will look again", extra={"facts": error.to_facts()})
        return {"replica": error.reason}
    logger.info(f"suspended replica: {removal}")
    return {"replica": str(removal)}
