"""Decide whether a machine may be launched, and give the reasons. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common.clients.provider import Readiness

FAILED = "FAILED"


def evaluate(machine: Mapping[str, Any], *, now: float, consistency_age: int, tested: bool) -> Readiness:
    """Return whether the machine may be launched, by the conditions that clients of the console use.

    Its replication is started, its last consistent point is recent, no backlog is left, all storage is copied, and it was tested before.
    `lastConsistencyDateTime` is absent until the initial sync has ended.
    """
    info: Mapping[str, Any] = machine.get("replicationInfo") or {}
    life: Mapping[str, Any] = machine.get("lifeCycle") or {}
    waiting: list[str] = []
    blocked: list[str] = []

    if machine.get("isAgentInstalled") is False:
        blocked.append("no agent is installed on it")
    status = machine.get("replicationStatus")
    if status in ("STOPPED", "PAUSED"):
        blocked.append(f"its replication is {str(status).lower()}: start it in the console")
    elif status != "STARTED":
        waiting.append(f"its replication has not started (status {status or 'unknown'})")

    _evaluate_consistency(info, waiting, blocked, now=now, consistency_age=consistency_age)
    if backlog := int(info.get("backloggedStorageBytes") or 0):
        waiting.append(f"{backlog} bytes of changes wait to be copied")
    if rescanned := int(info.get("rescannedStorageBytes") or 0):
        waiting.append(f"{rescanned} bytes are being rescanned")
    if tested and not life.get("lastTestLaunchDateTime"):
        blocked.append("it was never launched for a test")

    return Readiness(waiting=tuple(waiting), blocked=tuple(blocked), facts=_build_facts(status, info, life))


def _evaluate_consistency(
    info: Mapping[str, Any], waiting: list[str], blocked: list[str], *, now: float, consistency_age: int
) -> None:
    """Add to `waiting` and `blocked` what the initial sync and the last consistent point lack."""
    consistent = info.get("lastConsistencyDateTime")
    total, copied = int(info.get("totalStorageBytes") or 0), int(info.get("replicatedStorageBytes") or 0)
    if not consistent:
        if failure := _find_failed_step(info):
            blocked.append(failure)
        waiting.append(f"initial sync {_format_percent(copied, total)}{_estimate(info)}")
    else:
        age = now - datetime.fromisoformat(str(consistent)).timestamp()
        if age > consistency_age:
            waiting.append(f"last consistent point is {age:.0f} s old, at most {consistency_age} s is accepted")
        if copied < total:
            waiting.append(f"{_format_percent(copied, total)} of its storage is copied")


def _build_facts(status: object, info: Mapping[str, Any], life: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": status,
        "last_consistency": info.get("lastConsistencyDateTime"),
        "total_bytes": int(info.get("totalStorageBytes") or 0),
        "replicated_bytes": int(info.get("replicatedStorageBytes") or 0),
        "backlog_bytes": int(info.get("backloggedStorageBytes") or 0),
        "rescanned_bytes": int(info.get("rescannedStorageBytes") or 0),
        "last_test_launch": life.get("lastTestLaunchDateTime"),
    }


def _format_percent(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "not begun"


def _estimate(info: Mapping[str, Any]) -> str:
    estimate = info.get("nextConsistencyEstimatedDateTime")
    return f", the console expects its end at {estimate}" if estimate else ""


def _find_failed_step(info: Mapping[str, Any]) -> str:
    attempts = (info.get("initiationStates") or {}).get("items") or []
    steps = attempts[-1].get("steps", []) if attempts else []
    for step in steps:
        if step.get("status") == FAILED:
            return f"replication could not start: {step.get('name')}: {step.get('message') or 'no message'}"
    return ""
