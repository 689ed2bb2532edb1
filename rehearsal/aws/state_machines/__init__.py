"""What Step Functions refuses or ends and ministack 1.5.33 does not: wrong definitions, paths that select nothing, executions beyond their time."""

from __future__ import annotations

from rehearsal.aws.registry import Registry
from rehearsal.aws.state_machines import definitions, paths, time_limit

__all__ = ["install"]


def install(registry: Registry) -> None:
    """Register all of it with ministack."""
    definitions.install(registry)
    paths.install(registry)
    time_limit.install(registry)
