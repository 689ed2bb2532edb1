"""The evidence of runs."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_s3 as s3
from compliance import acknowledge
from constructs import Construct


class EvidenceStore(Construct):
    """`evidence` holds the facts of each step in all versions, and outlives the stack."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
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
