"""States of a replication task and what may be asked in each. Pure.

creating -> ready -> starting -> running -> stopping -> stopped -> starting …; starting, running -> failed -> starting …;
ready, stopped, failed -> modifying -> (as before), and -> deleting.
Source: API reference, ReplicationTask.Status; messages as the service gives them where they are known.
"""

from __future__ import annotations

from typing import Literal

from rehearsal.dms.exceptions import invalid_combination, wrong_state

Status = Literal["creating", "ready", "starting", "running", "stopping", "stopped", "modifying", "deleting", "failed"]
AT_REST: frozenset[str] = frozenset({"ready", "stopped", "failed"})
ACTIVE: frozenset[str] = frozenset({"starting", "running", "stopping"})
_FROM: dict[str, frozenset[str]] = {
    "started": AT_REST,
    "stopped": frozenset({"running"}),
    "modified": AT_REST,
    "deleted": AT_REST,
    "assessed": AT_REST,
    "reloaded": frozenset({"running"}),
}


def allow(what: str, status: str) -> None:
    """Check that a task in this state may be changed so. Raises InvalidResourceStateFault. `what`: "started", "stopped", "modified", "deleted", "assessed", "reloaded"."""
    if status in _FROM[what]:
        return
    if what == "modified":
        raise wrong_state(f"Replication Task cannot be modified while it is {status} state")
    if what == "started":
        raise wrong_state(f"Replication Task cannot be started, invalid state: {status}")
    raise wrong_state(f"Replication Task cannot be {what}, invalid state: {status}")


def allow_start_type(kind: str, *, started_before: bool) -> None:
    """Check the start type: start-replication only for the first start, every other type only for later ones. Raises as StartReplicationTask."""
    if kind == "start-replication" and started_before:
        raise invalid_combination("Start Type : START_REPLICATION, valid only for tasks running for the first time")
    if kind in ("resume-processing", "reload-target") and not started_before:
        name = kind.upper().replace("-", "_")
        raise invalid_combination(f"Start Type : {name}, not valid for tasks running for the first time")
