"""The environment variables of the procedure's functions: names and limits, never a secret."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct
from providers import build_provider_environment, create_provider
from settings import Settings
from settings.hooks import Hook, serialize_hooks


def build_procedure_environment(
    scope: Construct,
    *,
    settings: Settings,
    runs_table: dynamodb.ITable,
    evidence: s3.IBucket,
    replica_subnet_id: str = "",
    replica_security_group_ids: Sequence[str] = (),
    replica_instance_profile: str = "",
) -> dict[str, str]:
    """Return the variables for ProcedureFunction, the report function and CustomResources. Empty values keep the provider's launch settings."""
    provider = create_provider(settings.provider)
    gate = settings.cutover.to_gate()
    return {
        "CUTOVER_SITE": settings.site.name,
        "CUTOVER_APPLICATION": settings.application,
        **({"CUTOVER_SCHEMA": settings.other_schema} if settings.other_schema else {}),
        "CUTOVER_RUNS_TABLE": runs_table.table_name,
        "CUTOVER_EVIDENCE_BUCKET": evidence.bucket_name,
        **build_provider_environment(provider),
        "CUTOVER_LIMITS": settings.limits.model_dump_json(exclude_none=True),
        **({"CUTOVER_GATE": json.dumps(gate)} if gate else {}),
        "CUTOVER_LAUNCH_SETTINGS": Stack.of(scope).to_json_string(
            {
                "subnet_id": replica_subnet_id,
                "security_group_ids": list(replica_security_group_ids),
                "instance_profile": replica_instance_profile,
                **({"instance_type": settings.replica_instance_type} if settings.replica_instance_type else {}),
            }
        ),
    }


def build_hooks_environment(hooks: Sequence[Hook]) -> dict[str, str]:
    """Return the variable with the hooks of the site's owner; none without hooks."""
    if not hooks:
        return {}
    return {"CUTOVER_HOOKS": serialize_hooks(hooks)}
