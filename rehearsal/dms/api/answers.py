"""Tasks and their tables in the shapes of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rehearsal.dms.api.model import Task, now

_COUNTERS = ("Inserts", "Deletes", "Updates", "Ddls", "AppliedInserts", "AppliedDeletes", "AppliedUpdates", "AppliedDdls",
             "FullLoadRows", "FullLoadErrorRows")  # fmt: skip
_LOADING = ("Full load", "Table is being reloaded")
NOT_ENABLED = "Not enabled"


def task(found: Task, *, status: str | None = None, settings: bool = True) -> dict[str, Any]:
    return {
        "ReplicationTaskArn": found.arn,
        "ReplicationTaskIdentifier": found.id,
        "SourceEndpointArn": found.source.arn,
        "TargetEndpointArn": found.target.arn,
        "ReplicationInstanceArn": found.instance.arn,
        "MigrationType": found.migration,
        "Status": status or found.status,
        "LastFailureMessage": found.failure,
        "StopReason": found.stop_reason,
        "ReplicationTaskCreationDate": found.created,
        "ReplicationTaskStartDate": found.started,
        "RecoveryCheckpoint": checkpoint(found),
        "ReplicationTaskStats": statistics(found),
        **(
            {"TableMappings": found.mappings_text, "ReplicationTaskSettings": json.dumps(found.settings)}
            if settings
            else {}
        ),
    }


def checkpoint(found: Task) -> str | None:
    """As DMS writes it: where to go on in the source's log."""
    position = found.report.get("checkpoint")
    return f"checkpoint:V1#1#{position}:-1:0:0:{position}#0#0#*#0#0" if position else None


def statistics(found: Task) -> dict[str, Any]:
    states = [table["state"] for table in found.report.get("tables", ())]
    loaded = states.count("Table completed")
    errored = states.count("Table error")
    begun, ended = found.started, found.stopped
    elapsed = ((ended or now()) - begun).total_seconds() if begun else 0.0
    return {
        "FullLoadProgressPercent": 100 * (loaded + errored) // len(states) if states else 0,
        "ElapsedTimeMillis": round(elapsed * 1000),
        "TablesLoaded": loaded,
        "TablesLoading": sum(state in _LOADING for state in states),
        "TablesQueued": states.count("Before load"),
        "TablesErrored": errored,
        "FreshStartDate": found.fresh_start,
        "StartDate": begun,
        "StopDate": ended,
        "FullLoadStartDate": _instant(found.report.get("full_load_started")),
        "FullLoadFinishDate": _instant(found.report.get("full_load_finished")),
    }


def table(raw: Mapping[str, Any], *, reloaded: bool, validated: bool) -> dict[str, Any]:
    validation, times = raw["validation"], raw["times"]
    state = validation.get("state", "Pending validation") if validated else NOT_ENABLED
    return {
        "SchemaName": raw["schema"],
        "TableName": raw["table"],
        **{name: int(raw["counters"].get(name, 0)) for name in _COUNTERS},
        "FullLoadCondtnlChkFailedRows": 0,
        "FullLoadStartTime": _instant(times.get("start")),
        "FullLoadEndTime": _instant(times.get("end")),
        "FullLoadReloaded": reloaded,
        "LastUpdateTime": _instant(times.get("update")),
        "TableState": raw["state"],
        "ValidationPendingRecords": int(validation.get("pending", 0)),
        "ValidationFailedRecords": int(validation.get("failed", 0)),
        "ValidationSuspendedRecords": int(validation.get("suspended", 0)),
        "ValidationState": state,
        "ValidationStateDetails": str(validation.get("details", "") or raw["reason"]),
    }


def _instant(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
