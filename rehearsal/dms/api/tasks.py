"""Keep replication tasks: what defines them, and their states."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.dms.api.connections import Connections
from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.api.tags import put
from rehearsal.dms.api.task_definition import merge_settings, parse_definition
from rehearsal.dms.engines import Engines
from rehearsal.dms.exceptions import already_exists, invalid_parameter
from rehearsal.dms.models import State, Task, format_arn, make_resource_id, normalize_identifier, now
from rehearsal.dms.ports import Actions
from rehearsal.dms.responses import format_task
from rehearsal.dms.states import allow, allow_start_type

MIGRATIONS = ("full-load", "cdc", "full-load-and-cdc")


class Tasks:
    """The replication tasks."""

    def __init__(self, state: State, connections: Connections, engines: Engines) -> None:
        self._state, self._connections, self._engines = state, connections, engines
        self.actions: Actions = {
            "CreateReplicationTask": self.create,
            "ModifyReplicationTask": self.modify,
            "DeleteReplicationTask": self.delete,
            "DescribeReplicationTasks": self.describe,
            "StartReplicationTask": self.start,
            "StopReplicationTask": self.stop,
        }

    def create(
        self,
        replication_task_identifier: str,
        source_endpoint_arn: str,
        target_endpoint_arn: str,
        replication_instance_arn: str,
        migration_type: str,
        table_mappings: str,
        replication_task_settings: str | None = None,
        tags: Sequence[Mapping[str, str]] = (),
        resource_identifier: str | None = None,
    ) -> dict[str, Any]:
        """Create a task."""
        name = normalize_identifier(replication_task_identifier, "ReplicationTaskIdentifier")
        with self._state.lock:
            if any(task.id == name for task in self._state.tasks.values()):
                raise already_exists("Replication task", name)
            key = format_arn("task", make_resource_id(resource_identifier))
            if key in self._state.tasks:
                raise already_exists("Replication task", key)
            source, target = (
                self._state.get_endpoint(source_endpoint_arn),
                self._state.get_endpoint(target_endpoint_arn),
            )
            if (source.kind, target.kind) != ("source", "target"):
                raise invalid_parameter("The source endpoint must be a source, the target endpoint a target")
            instance = self._state.get_instance(replication_instance_arn)
            mappings, settings = parse_definition(table_mappings, replication_task_settings)
            if migration_type not in MIGRATIONS:
                raise invalid_parameter(f"Invalid migration type: {migration_type}")
            task = Task(key, name, source, target, instance, migration_type, table_mappings, mappings, settings)
            self._state.tasks[key] = task
            put(self._state, key, tags)
            for endpoint in (source, target):
                self._connections.ensure(instance, endpoint)
            response = format_task(task)
            task.status = "ready"
            self._engines.add_event(task, "Replication task created.", "creation")
            return {"ReplicationTask": response}

    def modify(
        self,
        replication_task_arn: str,
        replication_task_identifier: str | None = None,
        migration_type: str | None = None,
        table_mappings: str | None = None,
        replication_task_settings: str | None = None,
    ) -> dict[str, Any]:
        """Change a task that does not run."""
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("modified", task.status)
            if migration_type not in (None, *MIGRATIONS):
                raise invalid_parameter(f"Invalid migration type: {migration_type}")
            # Settings that are not given keep the values that they have.
            given = (
                json.dumps(merge_settings(task.settings, replication_task_settings))
                if replication_task_settings
                else None
            )
            mappings, settings = parse_definition(
                table_mappings or task.mappings_text, given or json.dumps(task.settings)
            )
            task.mappings, task.settings = mappings, settings
            task.mappings_text = table_mappings or task.mappings_text
            task.migration = migration_type or task.migration
            if replication_task_identifier:
                task.id = normalize_identifier(replication_task_identifier, "ReplicationTaskIdentifier")
            self._engines.add_event(task, "Replication task modified.", "configuration change")
            return {"ReplicationTask": format_task(task, status="modifying")}

    def delete(self, replication_task_arn: str) -> dict[str, Any]:
        """Delete a task. What the engine keeps on the target stays there, as with DMS."""
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("deleted", task.status)
            del self._state.tasks[task.arn]
            self._state.tags.pop(task.arn, None)
            self._engines.forget(task)
            self._engines.add_event(task, "Replication task deleted.", "deletion")
            return {"ReplicationTask": format_task(task, status="deleting")}

    def describe(
        self,
        filters: Filters = None,
        max_records: int | None = None,
        marker: str | None = None,
        without_settings: bool = False,
    ) -> dict[str, Any]:
        """Return the tasks that match."""
        self._engines.refresh()
        with self._state.lock:
            return list_page(
                self._state.tasks.values(),
                filters,
                {
                    "replication-task-arn": lambda one: one.arn,
                    "replication-task-id": lambda one: one.id,
                    "migration-type": lambda one: one.migration,
                    "endpoint-arn": lambda one: [one.source.arn, one.target.arn],
                    "replication-instance-arn": lambda one: one.instance.arn,
                },
                lambda one: format_task(one, settings=not without_settings),
                key="ReplicationTasks",
                what="Tasks",
                marker=marker,
                size=max_records,
            )

    def start(self, replication_task_arn: str, start_replication_task_type: str) -> dict[str, Any]:
        """Start a task with this start type, and return at once."""
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("started", task.status)
            if start_replication_task_type not in ("start-replication", "resume-processing", "reload-target"):
                raise invalid_parameter(f"Invalid start type: {start_replication_task_type}")
            allow_start_type(start_replication_task_type, started_before=task.started is not None)
            for endpoint in (task.source, task.target):
                self._connections.require(task.instance, endpoint)
            task.status, task.failure, task.stop_reason, task.stopped = "starting", None, None, None
            task.started = now()
            if start_replication_task_type != "resume-processing":
                task.fresh_start, task.report = task.started, {}
            self._engines.start(task, start_replication_task_type)
            self._engines.add_event(task, "Replication task started.", "state change")
            return {"ReplicationTask": format_task(task)}

    def stop(self, replication_task_arn: str) -> dict[str, Any]:
        """Stop a task. It first applies everything that the source has committed by now, as DMS does."""
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("stopped", task.status)
            task.status = "stopping"
            self._engines.stop(task)
            return {"ReplicationTask": format_task(task)}
