"""A deploy in small: CloudFormation asks for the run, waits, and takes it back when it failed. Real custom resource, real definition, real steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from common.clients.executions import Execution
from common.clients.stacks import StackState
from common.errors import Retryable
from common.run import Kind, Run
from common.settings import Settings
from common.suspended_replica import SuspendedReplica
from custom_resource.event import Request
from custom_resource.resources.orphaned import OrphanedResources
from custom_resource.resources.run import RunFailed, RunResource
from procedure.registry import Registry

from tests.unit.procedure.asl import walk
from tests.unit.procedure.world import SETTINGS, World

Invoke = Callable[[dict[str, Any]], Any]
Around = Callable[[Invoke, dict[str, Any]], Any]
"""what becomes of one invocation: it calls the function with the event, or does not, and returns or raises"""
POLL_SECONDS = 5
LONGEST_POLLS = 58 * 60 // POLL_SECONDS
TYPES: Mapping[Kind, str] = {"test-launch": "Custom::TestLaunch", "cutover": "Custom::Cutover"}


class Stopped(Exception):
    """Somebody stopped the execution: no Catch runs."""


@dataclass
class StateMachine:
    """Implements Executions. An execution is over when `start` returns."""

    definition: Mapping[str, Any]
    world: World
    around: Around
    settings: Settings = SETTINGS
    executions: dict[str, Execution] = field(default_factory=dict)
    starts: list[str] = field(default_factory=list)

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        self.starts.append(name)
        if name in self.executions:
            return
        self.executions[name] = Execution(status="RUNNING", output={}, cause="", given=given)
        self.world.run = Run.parse(given["run"])
        registry = Registry(self.settings, self.world, self.world.clock, lambda *_: None)

        def call(event: dict[str, Any]) -> Any:
            answer = self.around(registry.invoke, event)
            self.world.changed(f"step {event['step']}")
            return answer

        try:
            result = walk(self.definition, json.loads(json.dumps(given)), call, self.world.clock.sleep)
        except Stopped:
            self.executions[name] = Execution(status="ABORTED", output={}, cause="", given=given)
            return
        self.executions[name] = Execution(
            status=result.status, output=result.state, cause=json.dumps(result.cause) if result.cause else ""
        )

    def describe(self, name: str) -> Execution | None:
        return self.executions.get(name)


@dataclass(frozen=True)
class FakeStacks:
    """The status of the deploy's stack."""

    status: str

    def read(self, name: str) -> StackState:
        return StackState(name=name, status=self.status, outputs={})


@dataclass
class Deploy:
    """One resource of one stack, from its creation to the end: it is there, or it is gone again."""

    world: World
    machine: StateMachine
    kind: Kind
    request_id: str = "first"
    data: Mapping[str, Any] | None = None
    """what the resource says of itself once it is there"""
    reason: str = ""
    """what CloudFormation shows when it is not"""
    gone: bool = False
    stack_status: str = "ROLLBACK_IN_PROGRESS"

    @property
    def resource(self) -> RunResource:
        services: Any = self.machine
        world: Any = self.world
        return RunResource(
            kind=self.kind,
            runs=world.runs,
            executions=lambda _arn: services,
            evidence=world.create_evidence,
            orphaned=OrphanedResources(site="gogs", runs=world.runs, compute=world, provider=world),
            suspended=SuspendedReplica(runs=world.runs, provider=world),
            stacks=FakeStacks(self.stack_status),  # type: ignore[arg-type]  # as much of it as is used
            clock=world.clock,
        )

    def request(self, kind: str, physical_id: str = "", data: Mapping[str, Any] | None = None) -> Request:
        properties = {"CutoverId": "m1", "StateMachineArn": "arn:machine", "Target": {"load_balancer_dns": "alb"}}
        event = {
            "RequestType": kind,
            "ResourceType": TYPES[self.kind],
            "StackId": "stack",
            "LogicalResourceId": self.kind,
            "RequestId": f"{self.request_id} {kind}",
            "PhysicalResourceId": physical_id,
            "ResourceProperties": properties,
            "Data": data,
        }
        return Request.parse(event)

    def run(self) -> Deploy:
        create = self.asked()
        try:
            self.data = self._until_complete(create)
        except RunFailed as failed:
            self.reason = str(failed)
            self.delete(create.physical_id)
        return self

    def asked(self) -> Request:
        """The Create as is_complete gets it, after on_event."""
        started = self.resource.start(self.request("Create"))
        return self.request("Create", started.physical_id, started.data)

    def delete(self, name: str) -> None:
        request = self.request("Delete", name)
        self.resource.start(request)
        self._until_complete(request)
        self.gone = True

    def _until_complete(self, request: Request) -> Mapping[str, Any]:
        for _ in range(LONGEST_POLLS):
            with suppress(Retryable):
                progress = self.resource.check_progress(request)
                if progress.complete:
                    return progress.data
            self.world.clock.sleep(POLL_SECONDS)
        raise AssertionError(f"{request.kind} of {request.physical_id} never ends")

    def warnings(self) -> str:
        """Everything that any execution reported as not done."""
        causes = [json.loads(one.cause) for one in self.machine.executions.values() if one.cause]
        reported = [warning for cause in causes for warning in cause.get("warnings", [])]
        return "; ".join([*reported, str((self.data or {}).get("Warnings", ""))])
