"""Remove the replica that a suspended run has kept, when its time is over. It works without the operator and without MigrationStack."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from compliance import acknowledge
from constructs import Construct
from functions import PythonFunction
from providers import create_provider
from settings import Settings
from source_site import SourceSite

INTERVAL = Duration.minutes(5)
"""how much longer than `resume_minutes` a replica may be billed"""
TIMEOUT = Duration.seconds(75)
"""shorter than a claim of the replica lasts (common.clients.suspended_runs.REMOVAL_SECONDS)"""


class SuspendedReplicaExpiry(Construct):
    """A schedule, and the function that it calls."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        source: SourceSite,  # noqa: ARG002 (the inputs of every function of the procedure)
        environment: Mapping[str, str],
        runs_table: dynamodb.ITable,
        evidence: s3.IBucket,  # noqa: ARG002
        replication_task_arn: str,  # noqa: ARG002
    ) -> None:
        super().__init__(scope, construct_id)
        function = PythonFunction(
            self,
            "Function",
            package="expiry",
            description="Cutover: removes the replica of a suspended run when its time is over",
            environment=environment,
            timeout=TIMEOUT,
        )
        runs_table.grant(function, "dynamodb:GetItem", "dynamodb:UpdateItem")
        create_provider(settings.provider).grant_removal(function)
        acknowledge(
            function, "AwsSolutions-IAM5", "Replicas have no name before their launch; describe calls have no resource."
        )
        events.Rule(
            self,
            "Schedule",
            description="Cutover: looks for a suspended run whose time is over",
            schedule=events.Schedule.rate(INTERVAL),
            targets=[targets.LambdaFunction(function)],
        )
