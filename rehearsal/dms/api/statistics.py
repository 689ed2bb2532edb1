"""Handle DescribeTableStatistics and ReloadTables: the tables of a task, as its engine counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.engines import Engines
from rehearsal.dms.exceptions import invalid_parameter, not_found
from rehearsal.dms.models import State
from rehearsal.dms.ports import Actions
from rehearsal.dms.responses import format_table
from rehearsal.dms.states import allow

MOST_RELOADED = 10
"""User guide, "Reloading tables during a task"."""


class Statistics:
    """The actions on the tables of a task."""

    def __init__(self, state: State, engines: Engines) -> None:
        self._state, self._engines = state, engines
        self.actions: Actions = {"DescribeTableStatistics": self.describe, "ReloadTables": self.reload}

    def describe(
        self,
        replication_task_arn: str,
        max_records: int | None = None,
        marker: str | None = None,
        filters: Filters = None,
    ) -> dict[str, Any]:
        """Return what the engine reports now; of a task that does not run, what it reported last."""
        self._engines.refresh()
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            validated = bool(task.settings["ValidationSettings"]["EnableValidation"])
            found = [
                format_table(raw, reloaded=(raw["schema"], raw["table"]) in task.reloads, validated=validated)
                for raw in task.report.get("tables", ())
            ]
            attributes = {
                "schema-name": lambda one: one["SchemaName"],
                "table-name": lambda one: one["TableName"],
                "table-state": lambda one: one["TableState"],
            }
            page = list_page(
                found, filters, attributes, lambda one: one, key="TableStatistics", marker=marker, size=max_records
            )
            return {"ReplicationTaskArn": task.arn, **page}

    def reload(
        self,
        replication_task_arn: str,
        tables_to_reload: Sequence[Mapping[str, str]],
        reload_option: str = "data-reload",
    ) -> dict[str, Any]:
        """Reload tables of a running task, with their validation if it is switched on."""
        if reload_option != "data-reload":
            raise invalid_parameter(f"The reload option {reload_option} is not emulated by the rehearsal")
        self._engines.refresh()
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("reloaded", task.status)
            wanted = [(one["SchemaName"], one["TableName"]) for one in tables_to_reload]
            if len(wanted) > MOST_RELOADED or len(set(wanted)) < len(wanted):
                raise invalid_parameter(f"At most {MOST_RELOADED} different tables can be reloaded at a time")
            known = {(raw["schema"], raw["table"]) for raw in task.report.get("tables", ())}
            if missing := [name for name in wanted if name not in known]:
                raise not_found(f"Table {'.'.join(missing[0])} is not part of the task")
            self._engines.send_command(task, "reload", tables=wanted)
            task.reloads.update(wanted)
            return {"ReplicationTaskArn": task.arn}
