"""The custom resources of ReplicationStack with clients in memory."""

from __future__ import annotations

from typing import Any, Literal

from common.clients.connections import Connection
from common.clients.dms import Task
from common.clients.machines import CommandResult
from common.clients.run_record import Record
from common.errors import Missing, RetryableCommandError, StepFailed
from custom_resource.event import Request
from custom_resource.resources.database import PrepareTargetDatabase
from custom_resource.resources.replication import StartReplication

from tests.unit.procedure.clock import FakeClock


def request(kind: Any, properties: dict[str, Any], **more: Any) -> Request:
    return Request(kind=kind, resource_type="x", properties=properties, physical_id="", identity="a", **more)


class FakeTask:
    def __init__(self, status: str, *, started_before: bool = False, exists: bool = True) -> None:
        self.status, self.started_before, self.exists = status, started_before, exists
        self.action_log: list[str] = []

    def read_task(self) -> Task:
        if not self.exists:
            raise Missing("replication task does not exist")
        if self.status == "denied":
            raise StepFailed("dms:DescribeReplicationTasks: AccessDenied")
        return Task(
            arn="a",
            name="rows",
            status=self.status,
            percent=0,
            stop_reason="",
            failure="bad host",
            started_before=self.started_before,
        )

    def start(self, how: str) -> None:
        self.action_log.append(how)

    def stop(self) -> None:
        self.action_log.append("stop")


class FakeConnections:
    """A test that is asked for is under way at once."""

    def __init__(self, source: str = "successful", target: str = "successful") -> None:
        self.states = {"source": source, "target": target}
        self.action_log: list[str] = []

    def list_connections(self, _task: Task) -> list[Connection]:
        return [
            Connection(side=side, endpoint=side, instance="i", name=side, status=status, failure="no route")
            for side, status in self.states.items()
        ]

    def start_test(self, connection: Connection) -> None:
        self.states[connection.side] = "testing"
        self.action_log.append(connection.side)


class FakeRuns:
    def __init__(self, *, decision: Literal["commit", ""] = "") -> None:
        self.decision = decision

    def read(self) -> Record:
        return Record(run_id="first-c-1", decision=self.decision)


def replication(
    task: FakeTask, connections: FakeConnections | None = None, runs: FakeRuns | None = None
) -> StartReplication:
    return StartReplication(
        runs=runs or FakeRuns(),  # type: ignore[arg-type]
        database=lambda _arn: task,  # type: ignore[arg-type, return-value]
        connections=connections or FakeConnections(),  # type: ignore[arg-type]
    )


TASK = {"TaskArn": "a"}


class FakeMachines:
    def __init__(self, *, deaf: int = 0, result: CommandResult | None = None) -> None:
        self.deaf, self.result = deaf, result
        self.options: dict[str, Any] = {}

    def send(self, _instance: str, _verb: str, options: Any, *, seconds: int, comment: str) -> str:  # noqa: ARG002
        self.options = options
        if self.deaf:
            self.deaf -= 1
            raise RetryableCommandError("not connected")
        return "c-1"

    def poll(self, command_id: str, _instance: str, _verb: str) -> CommandResult | None:
        assert command_id == "c-1"
        return self.result


def schema(machines: FakeMachines, runs: FakeRuns | None = None) -> PrepareTargetDatabase:
    return PrepareTargetDatabase(
        machines=machines,  # type: ignore[arg-type]
        clock=FakeClock(),
        site="gogs",
        runs=runs or FakeRuns(),  # type: ignore[arg-type]
    )
