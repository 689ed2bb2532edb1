"""The environment of the functions: names and ARNs, never a secret. `common.settings.Settings` reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from settings import Settings


@dataclass(frozen=True, kw_only=True)
class ReplicaPlace:
    """Where the provider launches replicas; what `CUTOVER_REPLICA` holds. Empty fields keep what the provider has."""

    subnet_id: str = ""
    security_group_ids: Sequence[str] = field(default_factory=tuple)
    instance_profile: str = ""
    instance_type: str = ""


def environment(
    settings: Settings, *, runs_table: str, evidence_bucket: str, replica: ReplicaPlace | None = None
) -> dict[str, str]:
    """What every function of this repository is told. The console's secret goes by name."""
    provider = settings.provider
    return {
        "CUTOVER_SITE": settings.site.name,
        "CUTOVER_RUNS_TABLE": runs_table,
        "CUTOVER_EVIDENCE_BUCKET": evidence_bucket,
        "CUTOVER_PROVIDER": provider.kind,
        "CUTOVER_CONSOLE_URL": provider.url,
        "CUTOVER_PROJECT": provider.project,
        "CUTOVER_CONSOLE_SECRET_ARN": provider.credentials_secret,
        "CUTOVER_MACHINE": provider.hosttomigrate,
        "CUTOVER_LIMITS": json.dumps(settings.limits.model_dump(exclude_none=True)),
        **({"CUTOVER_REPLICA": json.dumps(asdict(replica))} if replica else {}),
        "POWERTOOLS_SERVICE_NAME": "cutover",
        "POWERTOOLS_METRICS_NAMESPACE": "Cutover",
    }
