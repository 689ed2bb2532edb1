"""Which reports count, and that each of them counts once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from common.clients.compute import Image, Instance
from common.clients.machines import CommandResult
from common.clients.runs import Runs
from common.errors import RetryableCommandError, RetryableServiceError, StepFailed
from common.suspension import Checkpoint, Suspension
from report import handler
from report.service import ReportService

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo

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


@pytest.fixture
def scene() -> Scene:
    clock, aws = FakeClock(), FakeAws()
    reported: list[tuple[str, Mapping[str, Any]]] = []
    runs = Runs(FakeDynamo(), "runs", "gogs", clock=clock)  # type: ignore[arg-type]
    runs.acquire(RUN, "test-launch", seconds=900)
    runs.update_facts(RUN, expected_report="TEST", expected_report_until=clock.now() + 600)
    fake: Any = aws

    def log_outcome(what: str, facts: Mapping[str, Any]) -> None:
        assert what in handler.METRICS, "each of these is a metric"
        reported.append((what, facts))

    service = ReportService(
        site="gogs",
        required_checks=(),
        runs=runs,
        compute=fake,
        machines=fake,
        queue=fake,
        clock=clock,
        log_outcome=log_outcome,
    )
    return Scene(service, aws, runs, clock, reported)


def test_a_passed_test_launch_creates_an_image_and_a_message(scene: Scene) -> None:
    assert scene.take()

    assert scene.aws.posted == [{**{k: MESSAGE[k] for k in MESSAGE if k != "version"}, "image_id": "ami-1"}]
    image = scene.aws.images[0]
    assert image["name"] == f"cutover-gogs-{RUN}"
    assert image["tags"] == {key: value for key, value in TAGS.items() if not key.startswith("aws:")}


def test_a_failed_report_is_posted_without_an_image(scene: Scene) -> None:
    scene.take(outcome="fail", reason="clone: HTTP 500")

    assert scene.aws.images == []
    assert (scene.aws.posted[0]["outcome"], scene.aws.posted[0]["reason"]) == ("fail", "clone: HTTP 500")


def test_a_report_with_a_failed_check_does_not_pass(scene: Scene) -> None:
    scene.take(checks=[{"name": "clone", "outcome": "fail", "reason": "x"}])

    assert scene.aws.posted[0]["outcome"] == "fail"


def test_a_cutover_report_needs_no_image(scene: Scene) -> None:
    scene.runs.update_facts(RUN, expected_report="CUTOVER")
    scene.aws.instance_now = replace(scene.aws.instance_now, tags={**TAGS, "cutover:launch": "CUTOVER"})  # type: ignore[type-var]

    scene.take(launch="CUTOVER")

    assert scene.aws.images == []
    assert scene.aws.posted[0]["outcome"] == "pass"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a report of version 1"),
        (json.dumps({**MESSAGE, "version": 2}), "not a report of version 1"),
        (json.dumps({**MESSAGE, "instance_id": ""}), "instance_id is missing"),
        (json.dumps({**MESSAGE, "launch": "OTHER"}), "launch is 'OTHER'"),
        (json.dumps({**MESSAGE, "outcome": "maybe"}), "outcome is 'maybe'"),
        (json.dumps({**MESSAGE, "checks": "all"}), "checks is not a list"),
    ],
)
def test_an_invalid_report_is_ignored(scene: Scene, text: str, reason: str) -> None:
    assert not scene.service.take(text)
    assert reason in scene.why


def test_a_report_of_another_run_does_not_query_its_instance(scene: Scene) -> None:
    assert not scene.take(run_id="m0-t-old")

    assert "is not the current run" in scene.why
    assert scene.aws.asked == []


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({**TAGS, "cutover:run-id": "m0"}, "not launched by this run"),
        ({**TAGS, "cutover:launch": "CUTOVER"}, "not launched by this run"),
        ({**TAGS, "cutover:role": "source-app"}, "no replica but source-app"),
        ({}, "not launched by this run"),
    ],
)
def test_a_forged_report_is_ignored(scene: Scene, tags: dict[str, str], reason: str) -> None:
    scene.aws.instance_now = replace(scene.aws.instance_now, tags=tags)  # type: ignore[type-var]

    assert not scene.take()
    assert reason in scene.why
    assert scene.aws.posted == []


def test_a_report_of_a_missing_instance_is_ignored(scene: Scene) -> None:
    scene.aws.instance_now = None

    assert not scene.take()
    assert "no such instance" in scene.why


def test_a_late_report_is_ignored(scene: Scene) -> None:
    scene.clock.sleep(601)

    assert not scene.take()
    assert "after its time limit" in scene.why


def test_a_report_delivered_twice_is_posted_once(scene: Scene) -> None:
    assert scene.take()
    assert not scene.take()

    assert "accepted before" in scene.why
    assert len(scene.aws.posted) == 1


def test_a_delivery_that_is_cut_off_by_the_image_of_another_one_posts_no_failure(scene: Scene) -> None:
    """Given SNS delivers the report twice at once, the image of the first delivery reboots the machine on which the second one prepares it."""

    def cut_off(*_: Any) -> CommandResult:
        scene.runs.update_facts(RUN, posted=scene.clock.now())
        return CommandResult(ok=False, facts={"reason": "prepare-image ended as Failed without a result"})

    scene.aws.poll = cut_off  # type: ignore[assignment, method-assign]

    assert not scene.take()

    assert scene.aws.posted == []
    assert "another delivery" in scene.why


def test_an_interrupted_delivery_is_completed_by_the_next(scene: Scene) -> None:
    scene.aws.lose_post = True
    with pytest.raises(RetryableServiceError):
        scene.take()

    assert scene.take()
    assert len(scene.aws.posted) == 1
    assert scene.aws.prepares == 1, "a machine that is being imaged restarts"


def test_a_second_instance_of_the_run_cannot_report(scene: Scene) -> None:
    scene.aws.lose_post = True
    with pytest.raises(RetryableServiceError):
        scene.take()

    assert not scene.take(instance_id="i-0second")
    assert f"{INSTANCE} has reported before" in scene.why


@pytest.mark.parametrize("fault", ["prepare", "image"])
def test_a_failure_to_create_the_image_is_reported_at_once(scene: Scene, fault: str) -> None:
    if fault == "prepare":
        scene.aws.prepared = CommandResult(ok=False, facts={"reason": "a secret is left"})
    else:
        scene.aws.image = StepFailed("a secret is left")

    scene.take()

    assert scene.aws.posted[0]["outcome"] == "fail"
    assert scene.aws.posted[0]["reason"] == "no image could be made: a secret is left"


def test_the_preparation_has_a_time_limit(scene: Scene) -> None:
    scene.aws.prepared = None
    began = scene.clock.now()

    with pytest.raises(RetryableCommandError, match="not ended after 240 s"):
        scene.take()

    assert scene.clock.now() - began < 250


@pytest.fixture
def taken_over(scene: Scene) -> Scene:
    """A run that has taken over the replica that RUN launched for its cutover."""
    tags = {**TAGS, "cutover:launch": "CUTOVER"}
    scene.aws.instance_now = replace(scene.aws.instance_now, tags=tags)  # type: ignore[type-var]
    checkpoint = Checkpoint(
        launched_by=RUN, cutover_id="m1", fingerprint="f", source_server_id="m-1", job_id="job", instance_id=INSTANCE,
        finished={"launch": 1.0},
    )  # fmt: skip
    suspension = Suspension(run_id=RUN, phase="Bulk copy", since=1.0, until=2.0, checkpoint=checkpoint)
    scene.runs.save_checkpoint(RUN, checkpoint)
    scene.runs.update_facts(RUN, expected_report="CUTOVER")
    scene.runs.roll_back(RUN)
    assert scene.runs.suspend(RUN, suspension)
    scene.runs.release(RUN)
    scene.runs.acquire(NEXT, "cutover", seconds=900)
    assert scene.runs.take_over(NEXT, suspension, replace(checkpoint, taken_over_from=RUN))
    scene.runs.update_facts(NEXT, expected_report_until=scene.clock.now() + 600)
    return scene


def test_a_replica_that_was_taken_over_reports_for_its_new_run(taken_over: Scene) -> None:
    assert taken_over.take(launch="CUTOVER", run_id=NEXT)

    assert taken_over.aws.posted[0]["run_id"] == NEXT


def test_a_late_report_for_the_run_that_launched_the_replica_is_ignored(taken_over: Scene) -> None:
    assert not taken_over.take(launch="CUTOVER")

    assert "is not the current run" in taken_over.why


def test_a_replica_of_a_third_run_cannot_report_for_a_run_that_has_taken_over(taken_over: Scene) -> None:
    for run in ("m0", NEXT):
        tags = {**TAGS, "cutover:launch": "CUTOVER", "cutover:run-id": run}
        taken_over.aws.instance_now = replace(taken_over.aws.instance_now, tags=tags)  # type: ignore[type-var]

        assert not taken_over.take(launch="CUTOVER", run_id=NEXT)
        assert "nor by the one that it has taken over" in taken_over.why


def test_a_report_that_comes_while_its_run_is_suspended_is_ignored(scene: Scene) -> None:
    scene.aws.instance_now = replace(scene.aws.instance_now, tags={**TAGS, "cutover:launch": "CUTOVER"})  # type: ignore[type-var]
    scene.runs.update_facts(RUN, expected_report="")  # as `suspend` writes it
    scene.runs.roll_back(RUN)

    assert not scene.take(launch="CUTOVER")
    assert scene.aws.posted == []
