"""Service times in seconds: none, or about those of the published sample run (a test launch took some five minutes)."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.replication_engine.environment import Latency


@dataclass(frozen=True)
class ServiceTimes:
    """What the service adds to the work that is really done here."""

    initiation_step: float = 0.0
    snapshot: float = 0.0
    conversion: float = 0.0
    launch: float = 0.0
    cleanup: float = 0.0


PUBLISHED = ServiceTimes(initiation_step=15.0, snapshot=45.0, conversion=150.0, launch=90.0, cleanup=30.0)


def choose_service_times(latency: Latency) -> ServiceTimes:
    """Return the service times of a setting."""
    return PUBLISHED if latency == "published" else ServiceTimes()
