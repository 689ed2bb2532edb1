"""Save and restore MGN, which is a part of the local AWS: source servers, jobs, launch templates and replicated disks.

The queue of its events is emptied with all queues (records.py). The rule of EventBridge is deployed, and stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rehearsal.checkpoint.context import CheckpointContext, Json, wait_until

CONSISTENT_SECONDS = 60.0


def read_variables(context: CheckpointContext) -> dict[str, str]:
    """Return nothing: no process is started again."""
    del context
    return {}


def save(context: CheckpointContext) -> None:
    """Save records and disks. Raises RehearsalError while a job, a removal or the initial sync goes on."""
    context.send_command("mgn/save", folder=str(context.folder))


def clear_faults(context: CheckpointContext) -> None:
    """Do nothing: they are faults of the local AWS."""


def halt(context: CheckpointContext) -> None:
    """End jobs and replication."""
    context.send_command("mgn/halt")


def put_back(context: CheckpointContext, variables: Mapping[str, str]) -> None:
    """Restore records and disks. Servers replicate again with the first heartbeat of their agents."""
    del variables
    context.send_command("mgn/put-back", folder=str(context.folder))


def wait_for_consistency(context: CheckpointContext, since: datetime) -> None:
    """Wait until every server that replicates is consistent at a time after `since`, with nothing left to copy."""

    def missing() -> str:
        servers = context.send_command("mgn/replication")["servers"]
        return next(
            (reason for one in servers if one["replication"] == "STARTED" and (reason := _waiting(one, since))), ""
        )

    wait_until(missing, "a consistent replica", CONSISTENT_SECONDS)


def _waiting(server: Json, since: datetime) -> str:
    name, last = server["name"], server["lastConsistent"]
    if server["problem"]:
        return f"{name}: {server['problem']}"
    if last is None or datetime.fromisoformat(last) < since:
        return f"{name} was consistent last at {last}"
    return f"{name}: {server['left']}" if server["left"] else ""
