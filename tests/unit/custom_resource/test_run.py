"""Custom::TestLaunch and Custom::Cutover: every event may come twice, a failure is one sentence, and a committed site is never touched."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from common.errors import CutoverError, RetryableServiceError, StepFailed
from custom_resource.resources.run import (
    COMMIT_WITHIN_SECONDS,
    DEADLINE,
    FINISH_WITHIN_SECONDS,
)
from custom_resource.runs import build_run_id, is_run_of

from tests.unit.custom_resource.scene import Scene, begun, committed, request


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
