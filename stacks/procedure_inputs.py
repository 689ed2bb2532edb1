"""What everything that works on a run is given: its settings, its record, its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from settings import Settings
from source_site import SourceSite
from state_machines import procedure_environment

from stacks.replication_stack import ReplicationStack


class ProcedureInputs(TypedDict):
    settings: Settings
    source: SourceSite
    environment: Mapping[str, str]
    runs_table: dynamodb.ITable
    evidence: s3.IBucket
    replication_task_arn: str


def procedure_inputs(
    stack: Stack, settings: Settings, source: SourceSite, replication: ReplicationStack
) -> ProcedureInputs:
    """For a stack that launches replicas: where they go is the replica's subnet, group and role of ReplicationStack."""
    table = replication.store.table
    bucket = replication.store.evidence
    # By its exports, so that cdk-nag calls a finding on it the same before and after references are resolved.
    evidence = s3.Bucket.from_bucket_attributes(
        stack,
        "Evidence",
        bucket_arn=replication.export_value(bucket.bucket_arn),
        bucket_name=replication.export_value(bucket.bucket_name),
    )
    return {
        "settings": settings,
        "source": source,
        "environment": procedure_environment(
            stack,
            settings=settings,
            runs_table=table,
            evidence=evidence,
            replica_subnet_id=replication.network.vpc.private_subnets[0].subnet_id,
            replica_security_group_ids=[replication.access.replica.security_group_id],
            replica_instance_profile=replication.roles.replica_profile.instance_profile_name,
        ),
        "runs_table": table,
        "evidence": evidence,
        "replication_task_arn": replication.rows.task_arn,
    }
