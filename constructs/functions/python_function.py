"""One function of lambda/, with its own role, its own log group and nothing that it was not granted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from aws_cdk import AssetHashType, BundlingOptions, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.bundling import EXCLUDED, LAMBDA, LocalBundling, compute_asset_hash

RUNTIME = lambda_.Runtime.PYTHON_3_14
_hash_package = cache(compute_asset_hash)
"""Several functions have the same package, and one synthesis sees one state of its files."""


class PythonFunction(lambda_.Function):
    """The package `lambda/<package>` with `handler` (module.function below it).

    `environment` holds names and ARNs, never a secret. The role may write to the function's own log group only; grant
    it the rest.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: str,
        description: str,
        environment: Mapping[str, str],
        handler: str = "handler.handler",
        timeout: Duration,
        memory_mib: int = 256,
        dead_letter_queue: sqs.IQueue | None = None,
    ) -> None:
        log_group = logs.LogGroup(
            scope,
            f"{construct_id}Log",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            scope,
            f"{construct_id}Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=description,
        )
        log_group.grant_write(role)
        super().__init__(
            scope,
            construct_id,
            code=lambda_.Code.from_asset(
                str(LAMBDA / package),
                exclude=EXCLUDED,
                asset_hash=_hash_package(package),
                asset_hash_type=AssetHashType.CUSTOM,
                # `command` is never run; it keeps CDK's asset cache from taking one package for another.
                bundling=BundlingOptions(
                    image=RUNTIME.bundling_image, local=LocalBundling(package), command=["false", package]
                ),
            ),
            handler=f"{package}.{handler}",
            runtime=RUNTIME,
            architecture=lambda_.Architecture.X86_64,
            role=role,
            log_group=log_group,
            description=description,
            environment=dict(environment),
            timeout=timeout,
            memory_size=memory_mib,
            dead_letter_queue=dead_letter_queue,
        )
