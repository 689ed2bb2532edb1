"""Task settings: DMS's defaults, overlaid with what the task was given.

Source: AWS DMS user guide, "Specifying task settings for AWS DMS tasks". What would change the outcome and is not done here is
refused; what only tunes the real service's speed is accepted and kept.
"""

from __future__ import annotations

import copy
import json
from typing import Any

DEFAULTS: dict[str, dict[str, Any]] = {
    "TargetMetadata": {
        "TargetSchema": "",
        "SupportLobs": True,
        "FullLobMode": False,
        "LobChunkSize": 64,
        "LimitedSizeLobMode": True,
        "LobMaxSize": 32,
        "InlineLobMaxSize": 0,
        "LoadMaxFileSize": 0,
        "ParallelLoadThreads": 0,
        "ParallelLoadBufferSize": 0,
        "ParallelLoadQueuesPerThread": 0,
        "ParallelApplyThreads": 0,
        "ParallelApplyBufferSize": 0,
        "ParallelApplyQueuesPerThread": 0,
        "BatchApplyEnabled": False,
        "TaskRecoveryTableEnabled": False,
    },
    "FullLoadSettings": {
        "TargetTablePrepMode": "DROP_AND_CREATE",
        "CreatePkAfterFullLoad": False,
        "StopTaskCachedChangesApplied": False,
        "StopTaskCachedChangesNotApplied": False,
        "MaxFullLoadSubTasks": 8,
        "TransactionConsistencyTimeout": 600,
        "CommitRate": 10000,
    },
    "Logging": {"EnableLogging": False},
    "ControlTablesSettings": {
        "ControlSchema": "",
        "historyTimeslotInMinutes": 5,
        "HistoryTimeslotInMinutes": 5,
        "HistoryTableEnabled": False,
        "SuspendedTablesTableEnabled": False,
        "StatusTableEnabled": False,
        "FullLoadExceptionTableEnabled": False,
    },
    "StreamBufferSettings": {"StreamBufferCount": 3, "StreamBufferSizeInMB": 8, "CtrlStreamBufferSizeInMB": 5},
    "ChangeProcessingDdlHandlingPolicy": {
        "HandleSourceTableDropped": True,
        "HandleSourceTableTruncated": True,
        "HandleSourceTableAltered": True,
    },
    "ErrorBehavior": {
        "DataErrorPolicy": "LOG_ERROR",
        "EventErrorPolicy": "IGNORE",
        "DataTruncationErrorPolicy": "LOG_ERROR",
        "DataMaskingErrorPolicy": "STOP_TASK",
        "DataErrorEscalationPolicy": "SUSPEND_TABLE",
        "DataErrorEscalationCount": 0,
        "TableErrorPolicy": "SUSPEND_TABLE",
        "TableErrorEscalationPolicy": "STOP_TASK",
        "TableErrorEscalationCount": 0,
        "RecoverableErrorCount": -1,
        "RecoverableErrorInterval": 5,
        "RecoverableErrorThrottling": True,
        "RecoverableErrorThrottlingMax": 1800,
        "RecoverableErrorStopRetryAfterThrottlingMax": True,
        "ApplyErrorDeletePolicy": "IGNORE_RECORD",
        "ApplyErrorInsertPolicy": "LOG_ERROR",
        "ApplyErrorUpdatePolicy": "LOG_ERROR",
        "ApplyErrorEscalationPolicy": "LOG_ERROR",
        "ApplyErrorEscalationCount": 0,
        "ApplyErrorFailOnTruncationDdl": False,
        "FullLoadIgnoreConflicts": True,
        "FailOnTransactionConsistencyBreached": False,
        "FailOnNoTablesCaptured": True,
    },
    "ChangeProcessingTuning": {
        "BatchApplyPreserveTransaction": True,
        "BatchApplyTimeoutMin": 1,
        "BatchApplyTimeoutMax": 30,
        "BatchApplyMemoryLimit": 500,
        "BatchSplitSize": 0,
        "MinTransactionSize": 1000,
        "CommitTimeout": 1,
        "MemoryLimitTotal": 1024,
        "MemoryKeepTime": 60,
        "StatementCacheSize": 50,
        "RecoveryTimeout": -1,
    },
    "ValidationSettings": {
        "EnableValidation": False,
        "ValidationMode": "ROW_LEVEL",
        "ThreadCount": 5,
        "PartitionSize": 10000,
        "FailureMaxCount": 10000,
        "RecordFailureDelayInMinutes": 5,
        "RecordSuspendDelayInMinutes": 30,
        "MaxKeyColumnSize": 8096,
        "TableFailureMaxCount": 1000,
        "ValidationOnly": False,
        "HandleCollationDiff": False,
        "RecordFailureDelayLimitInMinutes": 0,
        "SkipLobColumns": False,
        "ValidationPartialLobSize": 0,
        "ValidationQueryCdcDelaySeconds": 0,
        "ValidationS3Time": 0,
        "ValidationS3Mask": 0,
    },
}
_OTHER_GROUPS = frozenset(
    {"BeforeImageSettings", "LoopbackPreventionSettings", "CharacterSetSettings", "TTSettings", "FailTaskWhenCleanTaskResourceFailed", "ResyncSettings"}
)  # fmt: skip
_CHOICES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("FullLoadSettings", "TargetTablePrepMode"): ("DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD"),
    ("ErrorBehavior", "DataErrorPolicy"): ("IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"),
    ("ErrorBehavior", "DataTruncationErrorPolicy"): ("IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"),
    ("ErrorBehavior", "TableErrorPolicy"): ("SUSPEND_TABLE", "STOP_TASK"),
    ("ErrorBehavior", "ApplyErrorDeletePolicy"): ("IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"),
    ("ErrorBehavior", "ApplyErrorInsertPolicy"): ("LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK", "INSERT_RECORD"),
    ("ErrorBehavior", "ApplyErrorUpdatePolicy"): ("LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK", "UPDATE_RECORD"),
}
_NOT_DONE: dict[tuple[str, str], Any] = {
    ("TargetMetadata", "TargetSchema"): "",
    ("TargetMetadata", "BatchApplyEnabled"): False,
    ("ValidationSettings", "ValidationOnly"): False,
    ("ValidationSettings", "ValidationMode"): "ROW_LEVEL",
}

Settings = dict[str, dict[str, Any]]


class BadSettings(ValueError):
    """The text is not a valid set of task settings. The message gives the reason."""


class Unsupported(ValueError):
    """DMS supports this, the rehearsal does not."""


def complete(text: str | None) -> Settings:
    """Return all settings that have an effect here, with their defaults. Raises BadSettings, Unsupported."""
    try:
        given = json.loads(text or "{}")
    except ValueError:
        raise BadSettings("Invalid task settings JSON") from None
    if not isinstance(given, dict):
        raise BadSettings("Invalid task settings JSON: an object is expected")
    found = copy.deepcopy(DEFAULTS)
    for group, values in given.items():
        if group in _OTHER_GROUPS and not values:
            continue
        if group in _OTHER_GROUPS:
            raise Unsupported(f"the task settings {group}")
        if group not in found or not isinstance(values, dict):
            raise BadSettings(f"Invalid task settings JSON: unknown group {group}")
        for key, value in values.items():
            if key not in found[group] and group != "Logging":
                raise BadSettings(f"Invalid task settings JSON: unknown setting {group}.{key}")
            found[group][key] = value
    _check(found)
    return found


def _check(found: Settings) -> None:
    for (group, key), choices in _CHOICES.items():
        if found[group][key] not in choices:
            raise BadSettings(f"Invalid task settings JSON: {group}.{key} is one of {', '.join(map(str, choices))}")
    for (group, key), only in _NOT_DONE.items():
        if found[group][key] != only:
            raise Unsupported(f"the task setting {group}.{key} = {found[group][key]!r}")
    lobs = found["TargetMetadata"]
    if lobs["FullLobMode"] and lobs["LimitedSizeLobMode"]:
        # A task that sets only full LOB mode overrides the default of the other mode.
        lobs["LimitedSizeLobMode"] = False
