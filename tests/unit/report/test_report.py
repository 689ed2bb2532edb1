"""Which reports count, and that each of them counts once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.errors import RetryableCommandError, RetryableServiceError, StepFailed

from tests.unit.report.scene import INSTANCE, MESSAGE, RUN, TAGS, Scene


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
