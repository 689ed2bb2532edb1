"""A report function with fakes of its services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.clients.compute import Image, Instance
from common.clients.machines import CommandResult
from common.clients.runs import Runs
from common.errors import RetryableServiceError
from report.service import ReportService

from tests.unit.procedure.clock import FakeClock

EVENT = json.loads((Path(__file__).parents[2] / "events/report_test_pass.json").read_text())


MESSAGE: dict[str, Any] = json.loads(EVENT["Records"][0]["Sns"]["Message"])


RUN, INSTANCE = MESSAGE["run_id"], MESSAGE["instance_id"]


NEXT = "m1-c-next"


TAGS = {
    "cutover:run-id": RUN,
    "cutover:launch": "TEST",
    "cutover:role": "replica",
    "team": "a",
    "aws:autoscaling:x": "y",
}


@dataclass
class FakeAws:
    """Compute, machines and queue at once."""

    instance_now: Instance | None = field(
        default_factory=lambda: Instance(
            instance_id=INSTANCE, state="running", tags=TAGS, private_ip="", public_ip="", vpc_id=""
        )
    )
    prepared: CommandResult | None = field(default_factory=lambda: CommandResult(ok=True))
    image: Exception | str = "ami-1"
    asked: list[str] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    posted: list[Mapping[str, Any]] = field(default_factory=list)
    lose_post: bool = False
    prepares: int = 0

    def find_instance(self, instance_id: str) -> Instance | None:
        self.asked.append(instance_id)
        return self.instance_now

    def create_image(self, instance_id: str, **given: Any) -> str:
        if isinstance(self.image, Exception):
            raise self.image
        self.images.append({"instance": instance_id, **given})
        return self.image

    def find_image_by_name(self, name: str) -> Image | None:
        made = any(image["name"] == name for image in self.images)
        return Image(image_id="ami-1", state="pending", reason="", snapshots=()) if made else None

    def send(self, instance_id: str, verb: str, options: Any, *, seconds: int, comment: str) -> str:  # noqa: ARG002
        assert verb == "prepare-image"
        self.prepares += 1
        return "c-1"

    def poll(self, command_id: str, instance_id: str, verb: str) -> CommandResult | None:  # noqa: ARG002
        return self.prepared

    def post(self, message: Mapping[str, Any]) -> None:
        if self.lose_post:
            self.lose_post = False
            raise RetryableServiceError("sqs:SendMessage: timeout")
        self.posted.append(message)


@dataclass
class Scene:
    service: ReportService
    aws: FakeAws
    runs: Runs
    clock: FakeClock
    reported: list[tuple[str, Mapping[str, Any]]]

    def take(self, **changes: Any) -> bool:
        return self.service.take(json.dumps({**MESSAGE, **changes}))

    @property
    def why(self) -> str:
        return str(self.reported[-1][1].get("why", ""))
