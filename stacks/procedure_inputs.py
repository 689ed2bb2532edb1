"""Collect what every function that works on a run needs: settings, run record, evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from settings import Settings
from source_site import SourceSite
from state_machines import build_procedure_environment

from stacks.replication_stack import ReplicationStack


class ProcedureInputs(TypedDict):
    """The arguments that the constructs of the procedure share."""

    settings: Settings
    source: SourceSite
    environment: Mapping[str, str]
    runs_table: dynamodb.ITable
    evidence: s3.IBucket
    replication_task_arn: str


def collect_procedure_inputs(
    stack: Stack, settings: Settings, source: SourceSite, replication: ReplicationStack
) -> ProcedureInputs:
    """Return the arguments for a stack that launches replicas.

    The launch settings name a private subnet of DataStack, and the security group and instance profile for replicas of ReplicationStack.
    """
    table = replication.data.runs_table
    bucket = replication.evidence
    # Imported by its exports: cdk-nag then gives a finding the same id before and after references are resolved.
    evidence = s3.Bucket.from_bucket_attributes(
        stack,
        "Evidence",
        bucket_arn=replication.export_value(bucket.bucket_arn),
        bucket_name=replication.export_value(bucket.bucket_name),
    )
    return {
        "settings": settings,
        "source": source,
        "environment": build_procedure_environment(
            stack,
            settings=settings,
            runs_table=table,
            evidence=evidence,
            replica_subnet_id=replication.data.network.vpc.private_subnets[0].subnet_id,
            replica_security_group_ids=[replication.access.replica.security_group_id],
            replica_instance_profile=replication.roles.replica_profile.instance_profile_name,
        ),
        "runs_table": table,
        "evidence": evidence,
        "replication_task_arn": replication.rows.task_arn,
    }
