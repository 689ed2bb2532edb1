"""What a deploy shows of a run that has ended, failed, or ends too late."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from common.errors import RetryableServiceError, StepFailed
from custom_resource.event import Request
from custom_resource.resources.run import (
    COMMIT_WITHIN_SECONDS,
    FINISH_WITHIN_SECONDS,
    GIVE_UP_SECONDS,
    RunFailed,
)
from custom_resource.runs import REASON_BYTES, format_reason, is_run_of

from tests.unit.custom_resource.scene import CREATE, Scene, begun, committed, request


def test_a_failed_run_is_reported_in_one_sentence(scene: Scene) -> None:
    cause = {
        "phase": "Drain",
        "machine": "i-0replica",
        "reason": "the marker is not on the target after 180 s",
        "next": "look at the task",
    }
    scene.ended("m1-c-1", "FAILED", json.dumps(cause))

    with pytest.raises(RunFailed) as error:
        scene.resource().check_progress(request(physical_id="m1-c-1"))

    assert (
        str(error.value) == "Drain on i-0replica: the marker is not on the target after 180 s. Next: look at the task"
    )


def test_a_failure_reason_fits_the_limit_of_cloudformation() -> None:
    text = format_reason("FAILED", json.dumps({"phase": "P", "machine": "m", "reason": "ä" * 2000, "next": "n"}))

    assert len(text.encode()) <= REASON_BYTES


def test_an_incomplete_rollback_is_reported() -> None:
    text = format_reason("FAILED", json.dumps({"phase": "P", "reason": "r", "warnings": ["Thaw source on i-1: gone"]}))

    assert text.endswith("Not rolled back: Thaw source on i-1: gone")


@pytest.mark.parametrize("outputs", [None, StepFailed("access denied")])
def test_missing_outputs_do_not_fail_a_committed_run(scene: Scene, outputs: Any) -> None:
    scene.services.outputs = outputs
    scene.ended("m1-c-1", "SUCCEEDED", output={"memory": {"outputs": {"window_seconds": 4}}})

    data = scene.resource().check_progress(request(physical_id="m1-c-1")).data

    assert (data["WindowSeconds"], data["Committed"], data["Warnings"]) == ("4", "yes", "none")


def test_warnings_are_reported_without_the_outputs_of_the_last_step(scene: Scene) -> None:
    """Given a `finish` that was given up, which would have written the outputs and their warnings."""
    memory = {"outputs": {"window_seconds": 4}, "warnings": ["Finish: it died. Next: look"]}
    scene.ended("m1-c-1", "SUCCEEDED", output={"memory": memory})

    data = scene.resource().check_progress(request(physical_id="m1-c-1")).data

    assert (data["WindowSeconds"], data["Warnings"]) == ("4", "Finish: it died. Next: look")


def test_a_deploy_does_not_wait_for_a_committed_run(scene: Scene) -> None:
    name = begun(scene)
    committed(scene, name)
    assert not scene.resource().check_progress(request(physical_id=name)).complete

    scene.clock.sleep(FINISH_WITHIN_SECONDS + 1)

    assert scene.resource().check_progress(request(physical_id=name)).complete


def test_a_repeated_create_after_the_end_returns_the_same_result(scene: Scene) -> None:
    name = begun(scene)
    scene.ended(name, "FAILED", json.dumps({"phase": "Drain", "reason": "late", "next": "look"}))

    assert scene.resource().start(request()).physical_id == name
    assert len(scene.services.started) == 1
    with pytest.raises(RunFailed, match=r"^Drain: late"):
        scene.resource().check_progress(request(physical_id=name))


def test_the_next_deploy_with_the_same_id_is_a_new_run(scene: Scene) -> None:
    first = begun(scene)
    again = Request.parse({**CREATE, "RequestId": "another", "StackId": CREATE["StackId"].replace("5b9a", "6c0b")})

    second = begun(scene, again)

    assert first != second
    assert is_run_of(second, "cutover", "m1")
    assert [name for name, _ in scene.services.started] == [first, second]


def test_a_run_interrupted_after_its_commit_succeeded(scene: Scene) -> None:
    """CloudFormation would roll a live site back if it took it for failed. What is left to do is done by an execution of its own."""
    committed(scene, "m1-c-1")
    scene.ended("m1-c-1", "ABORTED")
    create = request(physical_id="m1-c-1")

    assert not scene.resource().check_progress(create).complete
    assert [name for name, _ in scene.services.started] == ["m1-c-1-rollback"]
    scene.runs.release("m1-c-1")
    scene.ended("m1-c-1-rollback", "SUCCEEDED")

    assert scene.resource().check_progress(create).complete


def test_a_committed_run_without_outputs_reports_this(scene: Scene) -> None:
    committed(scene, "m1-c-1")
    scene.ended("m1-c-1", "ABORTED")
    scene.clock.sleep(FINISH_WITHIN_SECONDS + 1)

    assert "left no outputs" in scene.resource().check_progress(request(physical_id="m1-c-1")).data["Warnings"]


def test_a_run_that_does_not_end_fails_the_deploy_within_cloudformations_hour(scene: Scene) -> None:
    name = scene.resource().start(request()).physical_id
    scene.resource().check_progress(request(physical_id=name))
    scene.clock.sleep(GIVE_UP_SECONDS)
    assert not scene.resource().check_progress(request(physical_id=name)).complete
    scene.clock.sleep(1)
    with pytest.raises(RunFailed, match="58 minutes, and could commit for 52"):
        scene.resource().check_progress(request(physical_id=name))


def test_the_longest_path_after_the_commit_ends_before_the_deploy_timeout() -> None:
    assert COMMIT_WITHIN_SECONDS + FINISH_WITHIN_SECONDS < GIVE_UP_SECONDS < 3600


def test_a_late_run_that_may_have_committed_is_not_reported_as_failed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = begun(scene)
    scene.clock.sleep(GIVE_UP_SECONDS + 60)

    def unreadable() -> None:
        raise RetryableServiceError("dynamodb:GetItem: time-out")

    monkeypatch.setattr(scene.runs, "read", unreadable)
    assert not scene.resource().check_progress(request(physical_id=name)).complete
    monkeypatch.undo()
    committed(scene, name)
    assert not scene.resource().check_progress(request(physical_id=name)).complete


def test_a_failed_cutover_names_what_stays_and_is_billed_and_how_to_remove_it() -> None:
    billed = "The 2 servers (t3.medium) and 1 ALB and 1 NLB of ServersStack"
    text = format_reason("FAILED", json.dumps({"phase": "P", "reason": "ä" * 2000, "next": "n"}), billed=billed)
    assert text.endswith(
        f"{billed} stay for a second try and are billed by the hour; to remove them: npx cdk destroy ServersStack"
    )
    assert len(text.encode()) <= REASON_BYTES


def test_a_failed_cutover_reports_the_bill_of_its_own_resource(scene: Scene) -> None:
    name = begun(scene)
    scene.ended(name, "FAILED")
    asked = replace(request(physical_id=name), properties={**request().properties, "Billed": "The 2 servers"})
    with pytest.raises(RunFailed, match="The 2 servers stay for a second try"):
        scene.resource().check_progress(asked)
