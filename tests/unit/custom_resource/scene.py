"""A run resource whose executions, evidence, images and provider are all one fake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from common.clients.compute import Image
from common.clients.evidence import OUTPUTS
from common.clients.executions import Execution
from common.clients.runs import Runs
from common.errors import RetryableServiceError
from common.run import Kind
from common.suspended_replica import SuspendedReplica
from custom_resource.event import Request
from custom_resource.resources.orphaned import OrphanedResources
from custom_resource.resources.run import RunResource

from tests.unit.procedure.clock import FakeClock

CREATE = json.loads((Path(__file__).parents[2] / "events/cutover_create.json").read_text())


@dataclass
class FakeServices:
    """Executions, evidence, images and provider at once."""

    executions: dict[str, Execution] = field(default_factory=dict)
    started: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    outputs: dict[str, Any] | Exception | None = None
    written: dict[str, Any] = field(default_factory=dict)
    image: Image | None = None
    action_log: list[str] = field(default_factory=list)
    launch_job: str = ""
    starts_fail: bool = False
    describes: Exception | None = None
    writes: Exception | None = None

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        if self.starts_fail:
            raise RetryableServiceError("states:StartExecution: time-out")
        if name not in self.executions:
            self.started.append((name, given))
            self.executions[name] = Execution(status="RUNNING", output={}, cause="", given=given)

    def describe(self, name: str) -> Execution | None:
        if self.describes:
            raise self.describes
        return self.executions.get(name)

    def read(self, name: str) -> dict[str, Any] | None:
        if name != OUTPUTS:
            return self.written.get(name)
        if isinstance(self.outputs, Exception):
            raise self.outputs
        return self.outputs

    def write(self, name: str, facts: dict[str, Any]) -> None:
        if self.writes:
            raise self.writes
        self.written[name] = facts

    def find_image_by_name(self, _name: str) -> Image | None:
        return self.image

    def delete_image(self, image: Image) -> None:
        self.action_log.append(f"delete {image.image_id}")
        self.image = None

    def find_launch_job(self, _machine_id: str) -> str:
        return self.launch_job

    def remove_replica(self, source_server_id: str) -> str:
        self.action_log.append(f"clean up {source_server_id}")
        return "job"


@dataclass
class Scene:
    services: FakeServices
    runs: Runs
    clock: FakeClock

    def resource(self, kind: Kind = "cutover") -> RunResource:
        services: Any = self.services
        orphaned = OrphanedResources(site="gogs", runs=self.runs, compute=services, provider=services)
        return RunResource(
            kind=kind,
            runs=self.runs,
            executions=lambda _arn: services,
            evidence=lambda _run: services,
            orphaned=orphaned,
            suspended=SuspendedReplica(runs=self.runs, provider=services),
            stacks=services,
            clock=self.clock,
        )

    def ended(self, name: str, status: str, cause: str = "", output: dict[str, Any] | None = None) -> None:
        self.services.executions[name] = Execution(status=status, output=output or {}, cause=cause)


def request(kind: str = "Create", physical_id: str = "", **properties: Any) -> Request:
    event = {**CREATE, "RequestType": kind, "ResourceProperties": {**CREATE["ResourceProperties"], **properties}}
    return Request.parse({**event, **({"PhysicalResourceId": physical_id} if physical_id else {})})


def begun(scene: Scene, asked: Request | None = None) -> str:
    """What the framework does: on_event, then the first look. The run's name."""
    asked = asked or request()
    started = scene.resource().start(asked)
    assert (
        not scene.resource().check_progress(replace(asked, physical_id=started.physical_id, data=started.data)).complete
    )
    return started.physical_id


def committed(scene: Scene, name: str) -> None:
    scene.runs.acquire(name, "cutover", seconds=900)
    scene.runs.write_freeze_lease(name, expires=scene.clock.now() + 600)
    scene.runs.commit(name, margin=20)
