"""Custom::TestLaunch and Custom::Cutover: every event may come twice, a failure is one sentence, and a committed site is never touched."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from common.errors import CutoverError, RetryableServiceError, StepFailed
from custom_resource.event import Request
from custom_resource.resources.run import (
    COMMIT_WITHIN_SECONDS,
    DEADLINE,
    FINISH_WITHIN_SECONDS,
    GIVE_UP_SECONDS,
    RunFailed,
)
from custom_resource.runs import REASON_BYTES, build_run_id, format_reason, is_run_of

from tests.unit.custom_resource.scene import CREATE, Scene, begun, committed, request


def test_an_event_delivered_twice_starts_one_run(scene: Scene) -> None:
    first, second = begun(scene), begun(scene)

    assert first == second
    assert len(scene.services.started) == 1
    name, given = scene.services.started[0]
    assert name == first
    assert given["run"]["target"] == {"load_balancer_dns": "alb.example.com"}
    assert given["run"]["deadline"] > scene.clock.now()


def test_on_event_does_not_start_the_run(scene: Scene) -> None:
    """A crash of it fails the deploy, whose Delete the framework then passes over: a run that had begun would go on without a stack."""
    scene.resource().start(request())

    assert scene.services.started == []


def test_a_run_started_late_has_only_the_remaining_time_of_its_request(scene: Scene) -> None:
    asked, requested = request(), scene.clock.now()
    started = scene.resource().start(asked)
    scene.clock.sleep(300)

    scene.resource().check_progress(replace(asked, physical_id=started.physical_id, data=started.data))

    assert started.data[DEADLINE] == str(round(requested + COMMIT_WITHIN_SECONDS))
    assert scene.services.started[0][1]["run"]["deadline"] == round(requested + COMMIT_WITHIN_SECONDS)


def test_a_run_deleted_before_its_start_does_not_start(scene: Scene) -> None:
    name = scene.resource().start(request()).physical_id
    scene.resource().start(request("Delete", name))
    assert scene.resource().check_progress(request("Delete", name)).complete

    with pytest.raises(StepFailed, match="deleted before it began"):
        scene.resource().check_progress(request(physical_id=name))
    assert scene.services.started == []


def test_another_deploy_starts_another_run() -> None:
    assert build_run_id("cutover", "m1", "a") != build_run_id("cutover", "m1", "b")
    assert len(build_run_id("cutover", "x" * 32, "a")) <= 64


@pytest.mark.parametrize(
    ("physical_id", "same"), [("m-1-c-0123456789", True), ("m-1-t-0123456789", False), ("m-2-c-0123456789", False)]
)
def test_a_run_is_recognised_by_its_name(physical_id: str, same: bool) -> None:
    assert is_run_of(physical_id, "cutover", "m-1") is same


def test_an_update_with_the_same_id_does_nothing_and_returns_the_same_data(scene: Scene) -> None:
    scene.services.outputs = {"window_seconds": 3.2, "warnings": []}
    update = request("Update", "m1-c-0123456789")

    assert scene.resource().start(update).physical_id == "m1-c-0123456789"
    assert scene.resource().check_progress(update).data["WindowSeconds"] == "3.2"
    assert scene.services.started == []


def test_an_update_with_another_id_is_another_run(scene: Scene) -> None:
    name = begun(scene, request("Update", "m1-c-0123456789", CutoverId="m2"))

    assert name.startswith("m2-c-")
    assert len(scene.services.started) == 1


def test_an_active_run_is_not_complete(scene: Scene) -> None:
    name = scene.resource().start(request()).physical_id

    assert not scene.resource().check_progress(request(physical_id=name)).complete


def test_a_run_that_did_not_start_is_started_by_the_next_poll(scene: Scene) -> None:
    name = scene.resource().start(request()).physical_id
    scene.services.starts_fail = True
    with pytest.raises(RetryableServiceError):
        scene.resource().check_progress(request(physical_id=name))

    scene.services.starts_fail = False
    assert not scene.resource().check_progress(request(physical_id=name)).complete

    assert [started for started, _ in scene.services.started] == [name]


@pytest.mark.parametrize("error", [StepFailed("access denied"), RetryableServiceError("throttled")])
def test_a_committed_run_is_never_reported_as_failed(scene: Scene, error: CutoverError) -> None:
    name = scene.resource().start(request()).physical_id
    committed(scene, name)
    scene.services.outputs = scene.services.describes = error
    scene.clock.sleep(FINISH_WITHIN_SECONDS + 1)

    progress = scene.resource().check_progress(request(physical_id=name))

    assert progress.complete
    assert progress.data["Committed"] == "yes"


def test_a_response_with_many_warnings_fits_the_limit_of_cloudformation(scene: Scene) -> None:
    scene.services.outputs = {"warnings": ["ü" * 2000] * 5, "site_url": "x" * 1000}
    name = scene.resource().start(request()).physical_id
    scene.ended(name, "SUCCEEDED")

    data = scene.resource().check_progress(request(physical_id=name)).data

    assert len(json.dumps(data, ensure_ascii=False).encode()) < 3000
    assert data["Warnings"].startswith("üüü")


def test_a_delete_waits_for_a_replica_that_is_being_launched(scene: Scene) -> None:
    scene.runs.acquire("m1-c-1", "cutover", seconds=900)
    scene.runs.update_facts("m1-c-1", source_server_id="m-1", expected_report="CUTOVER")
    scene.ended("m1-c-1", "FAILED")
    scene.runs.roll_back("m1-c-1")
    scene.runs.release("m1-c-1")
    scene.services.launch_job = "job-7"
    delete = request("Delete", "m1-c-1")

    assert not scene.resource().check_progress(delete).complete
    scene.services.launch_job = ""
    assert scene.resource().check_progress(delete).complete
    assert scene.services.action_log == ["clean up m-1"]


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
