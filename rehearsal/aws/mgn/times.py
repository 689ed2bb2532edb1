"""Service times in seconds: none, or about those that were measured at the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.replication_engine.environment import read_latency


@dataclass(frozen=True)
class ServiceTimes:
    """What the service adds to the work that is really done here."""

    initiation_step: float = 0.0
    snapshot: float = 0.0
    conversion: float = 0.0
    launch: float = 0.0
    cleanup: float = 0.0
    staging_kept: float = 0.0
    """from FinalizeCutover or DisconnectFromService to the end of the staging resources"""
    template_kept: float = 0.0
    """from there to the end of the server's EC2 launch template"""

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> ServiceTimes:
        """Return the times of REHEARSAL_LATENCY. Raises RehearsalError."""
        return PUBLISHED if read_latency(environ) == "published" else cls()


PUBLISHED = ServiceTimes(
    initiation_step=10.0,
    snapshot=44.0,
    conversion=264.0,
    launch=337.0,
    cleanup=35.0,
    staging_kept=1980.0,
    template_kept=5400.0,
)
