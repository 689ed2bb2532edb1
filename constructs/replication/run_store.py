"""The record of runs and their evidence."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from common.site_parameters import build_runs_table_name
from compliance import acknowledge
from constructs import Construct
from settings import Settings

from replication.removal import choose_removal_policy


class RunStore(Construct):
    """The run record and the evidence.

    `table` has one item per site (lock, lease, phase, decision). `evidence` holds the facts of each step in all versions, and outlives the stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Runs",
            table_name=build_runs_table_name(settings.site.name),
            partition_key=dynamodb.Attribute(name="site", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=choose_removal_policy(settings),
        )
        self.evidence = s3.Bucket(
            self,
            "Evidence",
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        acknowledge(
            self.evidence,
            "AwsSolutions-S1",
            "A few small reports without secrets, written by one function; CloudTrail data events tell who read them.",
        )
