"""Keep the engines, which do the work of the tasks: a process for each task that runs."""

from __future__ import annotations

import hashlib
import logging
import subprocess
from pathlib import Path
from typing import Any

from rehearsal.dms.credentials import find_server
from rehearsal.dms.models import Endpoint, State, Task, now
from rehearsal.dms.ports import Account, Network
from rehearsal.dms.states import ACTIVE
from rehearsal.dms.supervisor import Supervisor

_log = logging.getLogger(__name__)
STOPPED = "Stop Reason NORMAL"


class Engines:
    """The engines of all tasks. `folder` has the process ids, `logs` the output of the engines."""

    def __init__(self, state: State, network: Network, account: Account, *, folder: Path, logs: Path) -> None:
        self._state, self._network, self._account = state, network, account
        self._folder, self._logs = folder, logs
        self._supervisors: dict[str, Supervisor] = {}

    def start(self, task: Task, start_type: str) -> None:
        """Start the engine of a task."""
        supervisor = self._make_supervisor(task)
        self._supervisors[task.arn] = supervisor
        supervisor.start(start_type)

    def send_command(self, task: Task, command: str, **values: Any) -> bool:
        """Send a command to the engine of a task. Return False when none runs."""
        supervisor = self._supervisors.get(task.arn)
        return supervisor is not None and supervisor.send_command(command, **values)

    def stop(self, task: Task) -> None:
        """Request the end of an engine, after everything that the source has committed by now."""
        if not self.send_command(task, "stop"):
            # The engine has just ended. The next one gets the request when it starts.
            _log.warning("task %s is asked to stop while its engine is away", task.id)

    def find_process_id(self, task: Task) -> int | None:
        """Return the process id of the engine of a task; None when none runs."""
        supervisor = self._supervisors.get(task.arn)
        return supervisor.pid if supervisor is not None else None

    def forget(self, task: Task) -> None:
        """Forget the engine of a task that is deleted."""
        self._supervisors.pop(task.arn, None)

    def halt(self, task: Task) -> None:
        """Kill the engine of a task. The task is then stopped, and can be resumed from its checkpoint on the target.

        Call it without the lock, because the engine's last message may need the lock.
        """
        if (supervisor := self._supervisors.get(task.arn)) is not None:
            supervisor.close()
        with self._state.lock:
            if task.status in ACTIVE | {"failed"}:
                task.status, task.failure, task.stop_reason, task.stopped = "stopped", None, STOPPED, now()
                self.add_event(task, "Replication task stopped.", "state change")
            task.report = {}  # the next engine may find another past on its servers

    def refresh(self) -> None:
        """Request the progress of every running engine, and store it."""
        for key, supervisor in list(self._supervisors.items()):
            report = supervisor.request_report() if supervisor.pid else None
            with self._state.lock:
                # An engine that has just started has not read its tables yet, so the last report stays valid.
                if report is not None and report["tables"] and key in self._state.tasks:
                    self._state.tasks[key].report = report

    def close(self) -> None:
        """End every engine."""
        for supervisor in self._supervisors.values():
            supervisor.close()

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
                    self.send_command(task, "stop")
                elif task.status == "starting":
                    task.status = "running"
                return
            if "tables" in event:
                task.report = event
            task.stopped = now()
            if event["event"] == "stopped":
                task.status, task.stop_reason = "stopped", event["reason"]
                self.add_event(task, "Replication task stopped.", "state change")
            else:
                task.status, task.failure = "failed", f"Last Error {event['message']}"
                task.stop_reason = "Stop Reason FATAL_ERROR"
                self.add_event(task, f"Replication task has failed. {event['message']}", "failure")

    def add_event(self, task: Task, message: str, category: str) -> None:
        """Add an event of a task to those of the service."""
        self._state.add_event("replication-task", task.id, message, category)


def find_target_schema(endpoint: Endpoint) -> str | None:
    """Return the one database of a target that has `specific-database`; None otherwise."""
    kind = str(endpoint.settings.get("TargetDbType", "multiple-databases")).lower().replace("_", "-")
    name = endpoint.settings.get("DatabaseName") or endpoint.values.get("DatabaseName")
    return str(name) if kind == "specific-database" and name else None
