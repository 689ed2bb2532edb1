"""The documents of the replication task: which tables it copies, and how it handles errors.

Sources: AWS DMS user guide, "Task settings" and "Table mapping". What is left out has DMS's default.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

MARKER_SCHEMA = "cutover"
LOB_INLINE_KIB = 64
"""A TEXT column holds 64 KiB: rows up to there are copied with their text in one go, longer ones by look-up."""


def build_table_mappings(schemas: Sequence[str]) -> str:
    """Return the rules that select the application's schemas and the schema of the markers."""
    return json.dumps(
        {
            "rules": [
                {
                    "rule-type": "selection",
                    "rule-id": str(number),
                    "rule-name": schema,
                    "object-locator": {"schema-name": schema, "table-name": "%"},
                    "rule-action": "include",
                }
                for number, schema in enumerate((*schemas, MARKER_SCHEMA), start=1)
            ]
        }
    )


def build_task_settings() -> str:
    """Return the task settings as JSON. The task stops at a row that it cannot write; by default DMS would log the row and continue."""
    return json.dumps(
        {
            "TargetMetadata": {
                "SupportLobs": True,
                # Limited LOB mode would cut text at its limit, in silence.
                "FullLobMode": True,
                "LimitedSizeLobMode": False,
                "LobChunkSize": 64,
                "InlineLobMaxSize": LOB_INLINE_KIB,
            },
            "FullLoadSettings": {
                # The schema comes from the source's own DDL; DMS would leave out AUTO_INCREMENT and indexes.
                # The mode applies to reloaded tables too: with DO_NOTHING their old rows would stay and collide.
                "TargetTablePrepMode": "TRUNCATE_BEFORE_LOAD",
                "StopTaskCachedChangesApplied": False,
                "StopTaskCachedChangesNotApplied": False,
                "MaxFullLoadSubTasks": 8,
            },
            "ValidationSettings": {"EnableValidation": True, "ThreadCount": 5, "FailureMaxCount": 1},
            "ErrorBehavior": {
                "DataErrorPolicy": "STOP_TASK",
                "DataTruncationErrorPolicy": "STOP_TASK",
                "TableErrorPolicy": "STOP_TASK",
                # A run that was rolled back may have left rows of its own on the target: the source's row wins, whatever is there.
                # The procedure's own comparison checks that nothing else differs.
                "ApplyErrorDeletePolicy": "IGNORE_RECORD",
                "ApplyErrorInsertPolicy": "INSERT_RECORD",
                "ApplyErrorUpdatePolicy": "UPDATE_RECORD",
                "FullLoadIgnoreConflicts": False,
                "FailOnNoTablesCaptured": True,
                "FailOnTransactionConsistencyBreached": True,
            },
            "ControlTablesSettings": {"ControlSchema": "awsdms_control"},
            "Logging": {"EnableLogging": True},
        }
    )
