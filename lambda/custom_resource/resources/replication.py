"""Custom::StartReplication: the task runs while the resource exists. CloudFormation creates a task, but never starts or stops it.

DMS refuses the start until both endpoints were tested from the instance; CloudFormation does not test them either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from common.clients.connections import UNTESTED, Connections
from common.clients.dms import DatabaseReplication, Task
from common.clients.runs import Runs
from common.errors import Missing, StepFailed

from custom_resource.event import Progress, Request, Started
from custom_resource.resources.moved import require_not_moved

STARTABLE = frozenset({"ready", "stopped"})
AT_REST = frozenset({"ready", "stopped", "failed", "deleting"})


@dataclass(frozen=True, kw_only=True)
class StartReplication:
    database: Callable[[str], DatabaseReplication]
    """by ARN of the task"""
    connections: Connections
    runs: Runs

    def start(self, request: Request) -> Started:
        database = self.database(str(request.properties["TaskArn"]))
        task = self._find_task(database, request)
        if request.kind == "Delete":
            if task is not None and task.status not in AT_REST:
                database.stop()
        elif request.kind == "Create":
            require_not_moved(self.runs, "Start replication")
        if request.kind == "Create" and task is not None and task.status in STARTABLE:
            # A connection that failed in an earlier deploy is tested again: it may have been repaired since.
            self._start_when_tested(database, task, again=frozenset({UNTESTED, "failed"}))
        return Started(physical_id=request.physical_id or f"replication-{request.properties['TaskArn']}")

    def check_progress(self, request: Request) -> Progress:
        database = self.database(str(request.properties["TaskArn"]))
        task = self._find_task(database, request)
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
        if request.kind == "Create" and task.status in STARTABLE:
            self._start_when_tested(database, task, again=frozenset({UNTESTED}))
            return Progress(complete=False)
        # An update never starts a task again: after a cutover it is stopped for good.
        return Progress(complete=request.kind == "Update" or task.status == "running")

    def _start_when_tested(self, database: DatabaseReplication, task: Task, *, again: frozenset[str]) -> None:
        """Start the task when both endpoints were reached. Test those in a state of `again`.

        Raises StepFailed for a test that failed and is not to be repeated.
        """
        waiting = [one for one in self.connections.list_connections(task) if one.status != "successful"]
        for connection in waiting:
            if connection.status in again:
                self.connections.start_test(connection)
            elif connection.status == "failed":
                raise StepFailed(
                    f"the {connection.side} endpoint {connection.name} cannot be reached from the replication instance:"
                    f" {connection.failure or 'no message'}",
                    phase="Test connection",
                    machine=task.name,
                    next_action=f"look at the {connection.side} database's address, security groups, route and secret,"
                    " then deploy again",
                )
        if not waiting:
            database.start("resume-processing" if task.started_before else "start-replication")

    @staticmethod
    def _find_task(database: DatabaseReplication, request: Request) -> Task | None:
        """Return the task. None on Delete when it does not exist (any more): then there is nothing to stop."""
        try:
            return database.read_task()
        except Missing:
            if request.kind == "Delete":
                return None
            raise
