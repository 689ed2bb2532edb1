"""Keep replication tasks: their states, and the engines that do their work."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.dms import task_settings
from rehearsal.dms.api.connections import Connections
from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.api.tags import put
from rehearsal.dms.credentials import find_server
from rehearsal.dms.exceptions import already_exists, invalid_parameter
from rehearsal.dms.mappings import BadMappings, Mappings
from rehearsal.dms.mappings import Unsupported as UnsupportedMappings
from rehearsal.dms.models import Endpoint, State, Task, format_arn, make_resource_id, normalize_identifier, now
from rehearsal.dms.ports import Account, Actions, Network
from rehearsal.dms.responses import format_task
from rehearsal.dms.states import ACTIVE, allow, allow_start_type
from rehearsal.dms.supervisor import Supervisor

_log = logging.getLogger(__name__)
STOPPED = "Stop Reason NORMAL"
MIGRATIONS = ("full-load", "cdc", "full-load-and-cdc")


class Tasks:
    """The replication tasks. `folder` has the process ids, `logs` the output of the engines."""

    def __init__(
        self, state: State, network: Network, account: Account, connections: Connections, *, folder: Path, logs: Path
    ) -> None:
        self._state, self._network, self._account, self._connections = state, network, account, connections
        self._folder, self._logs = folder, logs
        self.supervisors: dict[str, Supervisor] = {}
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
            self._add_event(task, "Replication task created.", "creation")
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
            self._add_event(task, "Replication task modified.", "configuration change")
            return {"ReplicationTask": format_task(task, status="modifying")}

    def delete(self, replication_task_arn: str) -> dict[str, Any]:
        """Delete a task. What the engine keeps on the target stays there, as with DMS."""
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("deleted", task.status)
            del self._state.tasks[task.arn]
            self._state.tags.pop(task.arn, None)
            self.supervisors.pop(task.arn, None)
            self._add_event(task, "Replication task deleted.", "deletion")
            return {"ReplicationTask": format_task(task, status="deleting")}

    def describe(
        self,
        filters: Filters = None,
        max_records: int | None = None,
        marker: str | None = None,
        without_settings: bool = False,
    ) -> dict[str, Any]:
        """Return the tasks that match."""
        self.refresh()
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
            supervisor = self._make_supervisor(task)
            self.supervisors[task.arn] = supervisor
            supervisor.start(start_replication_task_type)
            self._add_event(task, "Replication task started.", "state change")
            return {"ReplicationTask": format_task(task)}

    def stop(self, replication_task_arn: str) -> dict[str, Any]:
        """Stop a task. It first applies everything that the source has committed by now, as DMS does."""
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("stopped", task.status)
            task.status = "stopping"
            if not self.supervisors[task.arn].send_command("stop"):
                # The engine has just ended. The next one gets the request when it starts.
                _log.warning("task %s is asked to stop while its engine is away", task.id)
            return {"ReplicationTask": format_task(task)}

    def halt(self, task: Task) -> None:
        """Kill the engine of a task. The task is then stopped, and can be resumed from its checkpoint on the target.

        Call it without the lock, because the engine's last message may need the lock.
        """
        if (supervisor := self.supervisors.get(task.arn)) is not None:
            supervisor.close()
        with self._state.lock:
            if task.status in ACTIVE | {"failed"}:
                task.status, task.failure, task.stop_reason, task.stopped = "stopped", None, STOPPED, now()
                self._add_event(task, "Replication task stopped.", "state change")
            task.report = {}  # the next engine may find another past on its servers

    def refresh(self) -> None:
        """Request the progress of every running engine, and store it."""
        for key, supervisor in list(self.supervisors.items()):
            report = supervisor.request_report() if supervisor.pid else None
            with self._state.lock:
                # An engine that has just started has not read its tables yet, so the last report stays valid.
                if report is not None and report["tables"] and key in self._state.tasks:
                    self._state.tasks[key].report = report

    def close(self) -> None:
        """End every engine."""
        for supervisor in self.supervisors.values():
            supervisor.close()

    # The engine

    def build_job(self, task: Task, start: str) -> dict[str, Any]:
        """Return the job for the engine. Raises NoCredentials."""
        return {
            "task": task.resource,
            "source": find_server(task.source, self._account),
            "target": find_server(task.target, self._account),
            "start": start,
            "migration": task.migration,
            "mappings": task.mappings_text,
            "settings": task.settings,
            "server_id": int.from_bytes(hashlib.sha256(task.arn.encode()).digest()[:4], "big") | 1 << 30,
            "target_schema": find_target_schema(task.target),
        }

    def _make_supervisor(self, task: Task) -> Supervisor:
        def start_process(words: list[str], log: Path) -> subprocess.Popen[bytes]:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as errors:
                return self._network.start_process(task.instance.name, words, stderr=errors)

        return Supervisor(
            popen=start_process,
            work=lambda start: self.build_job(task, start),
            on_event=lambda event: self._store_event(task, event),
            folder=self._folder / task.resource,
            log=self._logs / f"dms-{task.id}.log",
        )

    def _store_event(self, task: Task, event: dict[str, Any]) -> None:
        """Store an event of the engine in its task. Called by the supervisor's thread."""
        with self._state.lock:
            if event["event"] == "running":
                if task.status == "stopping":
                    self.supervisors[task.arn].send_command("stop")
                elif task.status == "starting":
                    task.status = "running"
                return
            if "tables" in event:
                task.report = event
            task.stopped = now()
            if event["event"] == "stopped":
                task.status, task.stop_reason = "stopped", event["reason"]
                self._add_event(task, "Replication task stopped.", "state change")
            else:
                task.status, task.failure = "failed", f"Last Error {event['message']}"
                task.stop_reason = "Stop Reason FATAL_ERROR"
                self._add_event(task, f"Replication task has failed. {event['message']}", "failure")

    def _add_event(self, task: Task, message: str, category: str) -> None:
        self._state.add_event("replication-task", task.id, message, category)


def parse_definition(mappings: str, settings: str | None) -> tuple[Mappings, task_settings.Settings]:
    """Parse mappings and settings. Raises ApiError as CreateReplicationTask does."""
    try:
        return Mappings.parse(mappings), task_settings.complete(settings)
    except (BadMappings, task_settings.BadSettings) as error:
        raise invalid_parameter(str(error)) from error
    except (UnsupportedMappings, task_settings.Unsupported) as error:
        raise NotEmulated(str(error)) from error


def merge_settings(settings: task_settings.Settings, changes: str) -> dict[str, Any]:
    """Return the settings with these changes, given as JSON."""
    try:
        given = json.loads(changes)
        return {**settings, **{group: {**settings.get(group, {}), **values} for group, values in given.items()}}
    except (ValueError, TypeError, AttributeError):
        raise invalid_parameter("Invalid task settings JSON") from None


def find_target_schema(endpoint: Endpoint) -> str | None:
    """Return the one database of a target that has `specific-database`; None otherwise."""
    kind = str(endpoint.settings.get("TargetDbType", "multiple-databases")).lower().replace("_", "-")
    name = endpoint.settings.get("DatabaseName") or endpoint.values.get("DatabaseName")
    return str(name) if kind == "specific-database" and name else None
