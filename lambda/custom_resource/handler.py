"""AWS Lambda entry points of CDK's Provider framework: `on_event` and `is_complete`."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from common.clients.autoscaling import GroupCapacity
from common.clients.compute import Compute
from common.clients.connections import Connections
from common.clients.dms import DatabaseReplication
from common.clients.evidence import Evidence
from common.clients.executions import Executions
from common.clients.machines import Machines
from common.clients.parameters import Parameters
from common.clients.provider import Provider
from common.clients.providers import create_provider
from common.clients.runs import Runs
from common.clients.stacks import Stacks
from common.clock import Clock, SystemClock
from common.errors import CutoverError, Retryable
from common.run import Kind
from common.settings import ClientSettings, Settings
from common.suspended_replica import SuspendedReplica

from custom_resource.event import Request, Resource
from custom_resource.resources.database import PrepareTargetDatabase
from custom_resource.resources.orphaned import OrphanedResources
from custom_resource.resources.provider_settings import ProviderInitializationResource, ProviderSettingsResource
from custom_resource.resources.replication import StartReplication
from custom_resource.resources.run import RunFailed, RunResource
from custom_resource.resources.servers import StageServers
from custom_resource.runs import truncate

logger = Logger(service="custom-resource")
# A call of CloudFormation's waiter has 90 s for all of them; it comes again in a moment.
CONFIG = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 2})
RUNS: dict[str, Kind] = {"Custom::TestLaunch": "test-launch", "Custom::Cutover": "cutover"}


@cache
def create_resource(resource_type: str) -> Resource:
    """Return the implementation of a resource type."""
    clock = SystemClock()
    if resource_type == "Custom::ProviderInitialization":  # before the run record and the bucket of evidence exist
        return ProviderInitializationResource(
            provider=_create_provider(ClientSettings.from_environment(os.environ), clock)
        )
    settings = Settings.from_environment(os.environ)
    runs = Runs(boto3.client("dynamodb", config=CONFIG), settings.runs_table, settings.site, clock=clock)
    if resource_type == "Custom::StartReplication":
        dms = boto3.client("dms", config=CONFIG)
        return StartReplication(
            database=lambda arn: DatabaseReplication(dms, arn), connections=Connections(dms), runs=runs
        )
    if resource_type == "Custom::PrepareTargetDatabase":
        return PrepareTargetDatabase(
            machines=Machines(boto3.client("ssm", config=CONFIG)), clock=clock, site=settings.site, runs=runs
        )
    if resource_type == "Custom::StageServers":
        autoscaling = boto3.client("autoscaling", config=CONFIG)
        return StageServers(
            parameters=Parameters(boto3.client("ssm", config=CONFIG), settings.site),
            stacks=Stacks(boto3.client("cloudformation", config=CONFIG)),
            compute=Compute(boto3.client("ec2", config=CONFIG)),
            capacity=lambda group: GroupCapacity(autoscaling, group),
            runs=runs,
            clock=clock,
        )
    provider = _create_provider(settings, clock)
    if resource_type == "Custom::ProviderSettings":
        return ProviderSettingsResource(provider=provider)
    return _create_run_resource(RUNS[resource_type], settings, runs, provider, clock)


def _create_run_resource(kind: Kind, settings: Settings, runs: Runs, provider: Provider, clock: Clock) -> RunResource:
    return RunResource(
        kind=kind,
        runs=runs,
        executions=lambda arn: Executions(boto3.client("stepfunctions", config=CONFIG), arn),
        evidence=lambda run_id: Evidence(boto3.client("s3", config=CONFIG), settings.evidence_bucket, run_id),
        orphaned=OrphanedResources(
            site=settings.site, runs=runs, compute=Compute(boto3.client("ec2", config=CONFIG)), provider=provider
        ),
        suspended=SuspendedReplica(runs=runs, provider=provider),
        stacks=Stacks(boto3.client("cloudformation", config=CONFIG)),
        clock=clock,
    )


def _create_provider(settings: ClientSettings, clock: Clock) -> Provider:
    return create_provider(settings, clock, lambda service: boto3.client(service, config=CONFIG))  # type: ignore[call-overload]


@logger.inject_lambda_context(clear_state=True)
def on_event(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Start the creation, update or deletion of a resource."""
    request = Request.parse(event)
    logger.info("on_event", extra={"request": request.kind, "type": request.resource_type, "id": request.physical_id})
    try:
        return create_resource(request.resource_type).start(request).to_response()
    except CutoverError as error:
        raise RunFailed(truncate(error.to_sentence())) from error


@logger.inject_lambda_context(clear_state=True)
def is_complete(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return whether the resource is ready."""
    request = Request.parse(event)
    try:
        return create_resource(request.resource_type).check_progress(request).to_response()
    except Retryable as error:
        logger.warning("will look again", extra={"facts": error.to_facts()})
        return {"IsComplete": False}
    except CutoverError as error:
        raise RunFailed(truncate(error.to_sentence())) from error
