"""What the functions of the procedure are told through their environment: names and limits, never a secret."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct
from settings import Settings


def procedure_environment(
    scope: Construct,
    *,
    settings: Settings,
    runs_table: dynamodb.ITable,
    evidence: s3.IBucket,
    replica_subnet_id: str = "",
    replica_security_group_ids: Sequence[str] = (),
    replica_instance_profile: str = "",
) -> dict[str, str]:
    """For ProcedureFunction, the report function and CustomResources alike. What is left empty, the provider's blueprint keeps."""
    provider = settings.provider
    return {
        "CUTOVER_SITE": settings.site.name,
        "CUTOVER_APPLICATION": settings.application,
        "CUTOVER_RUNS_TABLE": runs_table.table_name,
        "CUTOVER_EVIDENCE_BUCKET": evidence.bucket_name,
        "CUTOVER_PROVIDER": provider.kind,
        "CUTOVER_CONSOLE_URL": provider.url,
        "CUTOVER_PROJECT": provider.project,
        "CUTOVER_CONSOLE_SECRET": provider.credentials_secret,
        "CUTOVER_MACHINE": provider.hosttomigrate,
        "CUTOVER_LIMITS": settings.limits.model_dump_json(exclude_none=True),
        "CUTOVER_REPLICA": Stack.of(scope).to_json_string(
            {
                "subnet_id": replica_subnet_id,
                "security_group_ids": list(replica_security_group_ids),
                "instance_profile": replica_instance_profile,
            }
        ),
    }
