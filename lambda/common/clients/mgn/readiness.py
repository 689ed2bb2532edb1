"""Decide whether a source server may be launched, and give the reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.clients.mgn.advice import advise
from common.clients.mgn.servers import Server, get_state
from common.clients.mgn.times import parse_duration_seconds, parse_moment
from common.clients.provider import Readiness

BLOCKED_LIFE_CYCLES: Mapping[str, str] = {
    "STOPPED": "its replication is stopped: start it in the MGN console",
    "DISCONNECTED": "it is disconnected from MGN: install the agent again",
    "CUTOVER": "its cutover was finalized: install the agent again",
    "DISCOVERED": "no agent is installed on it",
    "PENDING_INSTALLATION": "no agent is installed on it",
}
BLOCKED_REPLICATION: Mapping[str, str] = {
    "STOPPED": BLOCKED_LIFE_CYCLES["STOPPED"],
    "PAUSED": "its replication is paused: resume it in the MGN console",
    "DISCONNECTED": BLOCKED_LIFE_CYCLES["DISCONNECTED"],
}
CONTINUOUS = "CONTINUOUS"
STALLED = "STALLED"


def evaluate(server: Server, *, now: float, consistency_age: int) -> Readiness:
    """Return whether the server may be launched.

    Its replication is continuous, its last snapshot and the last sign of its agent are recent, and no backlog is left. A launch needs a lag that
    is not null. `rescannedStorageBytes` counts bytes that WERE rescanned, so it delays nothing: the state RESCAN does.
    """
    replication: Mapping[str, Any] = server.get("dataReplicationInfo") or {}
    life: Mapping[str, Any] = server.get("lifeCycle") or {}
    state, life_state = str(replication.get("dataReplicationState") or ""), get_state(server)
    waiting: list[str] = []
    blocked: list[str] = []

    stop = BLOCKED_LIFE_CYCLES.get(life_state) or BLOCKED_REPLICATION.get(state)
    if stop:
        blocked.append(stop)
    elif state == STALLED:
        blocked.append(f"its replication is stalled{_describe_error(replication)}")
    elif state != CONTINUOUS:
        waiting.append(
            f"its replication is {state or 'not known yet'}{_format_progress(replication)}{_describe_error(replication)}"
        )
    if not blocked:
        waiting += _find_delays(replication, life, now=now, limit=consistency_age)
    return Readiness(waiting=tuple(waiting), blocked=tuple(blocked), facts=_list_facts(server, replication, life))


def _find_delays(replication: Mapping[str, Any], life: Mapping[str, Any], *, now: float, limit: int) -> list[str]:
    found = []
    lag = parse_duration_seconds(replication.get("lagDuration"))
    if lag is None:
        found.append("it has no snapshot that can be launched (no lag is reported)")
    elif lag > limit:
        found.append(f"its replication is {lag:.0f} s behind, at most {limit} s are accepted")
    if backlog := _sum(replication, "backloggedStorageBytes"):
        found.append(f"{backlog} bytes of changes wait to be copied")
    for what, moment in (
        ("last snapshot", replication.get("lastSnapshotDateTime")),
        ("last sign of its agent", life.get("lastSeenByServiceDateTime")),
    ):
        at = parse_moment(moment)
        if at is not None and now - at > limit:
            found.append(f"the {what} is {now - at:.0f} s old, at most {limit} s is accepted")
    return found


def _describe_error(replication: Mapping[str, Any]) -> str:
    """Return the error, the failed step and the advice, empty when there is no error."""
    initiation = replication.get("dataReplicationInitiation") or {}
    failed = [str(one.get("name")) for one in initiation.get("steps") or [] if one.get("status") == "FAILED"]
    error = replication.get("dataReplicationError") or {}
    name = str(error.get("error") or "")
    parts = [
        name,
        str(error.get("rawError") or ""),
        f"failed step {', '.join(failed)}" if failed else "",
        f"next attempt {initiation['nextAttemptDateTime']}" if failed and initiation.get("nextAttemptDateTime") else "",
        advise(name) if name or failed else "",
    ]
    text = "; ".join(part for part in parts if part)
    return f": {text}" if text else ""


def _format_progress(replication: Mapping[str, Any]) -> str:
    total, copied = _sum(replication, "totalStorageBytes"), _sum(replication, "replicatedStorageBytes")
    eta = replication.get("etaDateTime")
    return (f", {100 * copied // total} % copied" if total else "") + (f", its end is expected at {eta}" if eta else "")


def _sum(replication: Mapping[str, Any], key: str) -> int:
    return sum(int(disk.get(key) or 0) for disk in replication.get("replicatedDisks") or [])


def _list_facts(server: Server, replication: Mapping[str, Any], life: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source_server": server.get("sourceServerID"),
        "life_cycle": get_state(server),
        "status": replication.get("dataReplicationState"),
        "lag": replication.get("lagDuration"),
        "last_snapshot": replication.get("lastSnapshotDateTime"),
        "last_seen": life.get("lastSeenByServiceDateTime"),
        "total_bytes": _sum(replication, "totalStorageBytes"),
        "replicated_bytes": _sum(replication, "replicatedStorageBytes"),
        "backlog_bytes": _sum(replication, "backloggedStorageBytes"),
        "disks": [one.get("deviceName") for one in replication.get("replicatedDisks") or []],
    }
