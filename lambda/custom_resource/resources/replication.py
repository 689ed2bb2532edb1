"""Custom::StartReplication: the task runs while the resource exists. CloudFormation creates a task, but never starts or stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from common.clients.dms import DatabaseReplication, Task
from common.errors import StepFailed

from custom_resource.event import Progress, Request, Started

STARTABLE = frozenset({"ready", "stopped"})
AT_REST = frozenset({"ready", "stopped", "failed", "deleting"})


@dataclass(frozen=True, kw_only=True)
class StartReplication:
    database: Callable[[str], DatabaseReplication]
    """by ARN of the task"""

    def start(self, request: Request) -> Started:
        database = self.database(str(request.properties["TaskArn"]))
        task = self._task(database, request)
        if request.kind == "Delete":
            if task is not None and task.status not in AT_REST:
                database.stop()
        elif request.kind == "Create" and task is not None and task.status in STARTABLE:
            database.start("resume-processing" if task.started_before else "start-replication")
        return Started(physical_id=request.physical_id or f"replication-{request.properties['TaskArn']}")

    def progress(self, request: Request) -> Progress:
        database = self.database(str(request.properties["TaskArn"]))
        task = self._task(database, request)
        if request.kind == "Delete":
            if task is not None and task.status == "running":  # the first request was refused while it was starting
                database.stop()
            return Progress(complete=task is None or task.status in AT_REST)
        assert task is not None
        if task.status == "failed":
            raise StepFailed(
                f"replication task {task.name} failed: {task.failure or task.stop_reason or 'no message'}",
                phase="Start replication",
                machine=task.name,
                next_action="test the task's endpoints, read its log, then deploy again",
            )
        # An update never starts a task again: after a cutover it is stopped for good.
        return Progress(complete=request.kind == "Update" or task.status == "running")

    @staticmethod
    def _task(database: DatabaseReplication, request: Request) -> Task | None:
        try:
            return database.task()
        except StepFailed:
            if request.kind == "Delete":
                return None
            raise
