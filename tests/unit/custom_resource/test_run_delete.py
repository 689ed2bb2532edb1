"""Deleting Custom::TestLaunch and Custom::Cutover stops, rolls back and removes what is theirs, and never touches a committed site."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from common.clients.compute import Image
from common.clients.runs import Runs
from common.errors import RetryableServiceError, StepFailed

from tests.unit.custom_resource.scene import Scene, begun, committed, request
from tests.unit.procedure.dynamo import FakeDynamo


def test_deleting_an_active_run_aborts_it_and_waits_for_its_rollback(scene: Scene) -> None:
    name = begun(scene)
    scene.runs.acquire(name, "cutover", seconds=900)
    delete = request("Delete", name)

    scene.resource().start(delete)

    assert "deleted" in scene.runs.read().abort
    assert not scene.resource().check_progress(delete).complete
    scene.ended(name, "FAILED")
    scene.runs.roll_back(name)
    scene.runs.release(name)
    assert scene.resource().check_progress(delete).complete


def test_deleting_a_committed_run_changes_nothing(scene: Scene) -> None:
    committed(scene, "m1-c-1")
    scene.services.image = Image(image_id="ami-1", state="available", reason="", snapshots=())
    scene.ended("m1-c-1", "SUCCEEDED")

    for kind in ("cutover", "test-launch"):
        scene.resource(kind).start(request("Delete", "m1-c-1"))
        assert scene.resource(kind).check_progress(request("Delete", "m1-c-1")).complete

    assert scene.services.action_log == []
    assert scene.runs.read().abort == ""


def test_deleting_a_run_that_was_stopped_by_hand_rolls_it_back(scene: Scene) -> None:
    scene.runs.acquire("m1-c-1", "cutover", seconds=900)
    scene.ended("m1-c-1", "ABORTED")
    delete = request("Delete", "m1-c-1")

    assert not scene.resource().check_progress(delete).complete
    name, given = scene.services.started[0]
    assert (name, given["run"]["rollback"], given["run"]["run_id"]) == ("m1-c-1-rollback", True, "m1-c-1")
    assert not scene.resource().check_progress(delete).complete
    scene.runs.release("m1-c-1")
    scene.ended(name, "FAILED")
    assert scene.resource().check_progress(delete).complete


def test_deleting_a_test_launch_removes_its_image(scene: Scene) -> None:
    scene.services.image = Image(image_id="ami-1", state="pending", reason="", snapshots=())
    delete = request("Delete", "m1-t-1")

    assert not scene.resource("test-launch").check_progress(delete).complete
    scene.services.image = Image(image_id="ami-1", state="available", reason="", snapshots=())
    assert scene.resource("test-launch").check_progress(delete).complete
    assert scene.services.action_log == ["delete ami-1"]


def test_deleting_an_old_run_keeps_the_replica_of_a_newer_one(scene: Scene) -> None:
    scene.runs.acquire("m2-c-1", "cutover", seconds=900)
    scene.runs.update_facts("m2-c-1", source_server_id="m-1", expected_report="CUTOVER")

    assert scene.resource().check_progress(request("Delete", "m1-c-1")).complete
    assert scene.services.action_log == []


def test_deleting_a_run_that_never_started_does_nothing(scene: Scene) -> None:
    delete = request("Delete", "m1-c-1")

    scene.resource().start(delete)

    assert scene.resource().check_progress(delete).complete


def test_a_delete_that_could_not_forbid_the_run_forbids_it_at_its_next_look(scene: Scene) -> None:
    """Given Step Functions throttles when the delete arrives, and the create is still in progress, the run must not begin behind the deletion."""
    name = scene.resource().start(request()).physical_id
    delete = request("Delete", name)
    scene.services.describes = RetryableServiceError("states:DescribeExecution: ThrottlingException")
    scene.resource().start(delete)
    scene.services.describes = None

    assert scene.resource().check_progress(delete).complete

    with pytest.raises(StepFailed, match="deleted before it began"):
        scene.resource().check_progress(request(physical_id=name))
    assert scene.services.started == []


def test_a_delete_waits_until_it_can_forbid_the_run(scene: Scene) -> None:
    name = scene.resource().start(request()).physical_id
    scene.services.writes = RetryableServiceError("s3:PutObject: SlowDown")
    delete = request("Delete", name)
    scene.resource().start(delete)

    with pytest.raises(RetryableServiceError):
        scene.resource().check_progress(delete)


def test_a_delete_without_a_bucket_of_evidence_is_complete(scene: Scene) -> None:
    scene.services.writes = StepFailed("s3:PutObject: NoSuchBucket")
    delete = request("Delete", "m1-c-1")
    scene.resource().start(delete)

    assert scene.resource().check_progress(delete).complete


def test_a_delete_before_the_run_holds_the_lock_takes_effect(scene: Scene) -> None:
    """Given an execution that has not taken the site yet, a request to stop finds no record to be written into."""
    name = begun(scene)
    scene.resource().start(request("Delete", name))
    scene.runs.acquire(name, "cutover", seconds=900)

    assert not scene.resource().check_progress(request("Delete", name)).complete

    assert "deleted" in scene.runs.read().abort


def test_a_run_without_a_decision_is_rolled_back_by_the_delete(scene: Scene) -> None:
    """It failed, and it holds the site still: nothing was undone."""
    scene.runs.acquire("m1-c-1", "cutover", seconds=900)
    scene.ended("m1-c-1", "FAILED", json.dumps({"phase": "Roll back", "reason": "dynamodb:UpdateItem: throttled"}))

    assert not scene.resource().check_progress(request("Delete", "m1-c-1")).complete

    assert [name for name, _ in scene.services.started] == ["m1-c-1-rollback"]


def test_a_stopped_rollback_is_retried_a_limited_number_of_times(scene: Scene) -> None:
    scene.runs.acquire("m1-c-1", "cutover", seconds=900)
    scene.ended("m1-c-1", "ABORTED")
    delete = request("Delete", "m1-c-1")

    for number, name in enumerate(("m1-c-1-rollback", "m1-c-1-rollback-2", "m1-c-1-rollback-3"), start=1):
        assert not scene.resource().check_progress(delete).complete
        assert [one for one, _ in scene.services.started][-1] == name
        assert len(scene.services.started) == number
        scene.ended(name, "ABORTED")

    with pytest.raises(StepFailed, match="still holds the site after 3 executions"):
        scene.resource().check_progress(delete)


def test_an_ignored_abort_request_does_not_fail_the_delete(scene: Scene) -> None:
    def throttled() -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "UpdateItem")

    dynamo = FakeDynamo()
    dynamo.before = throttled
    deaf = Scene(scene.services, Runs(dynamo, "runs", "gogs", clock=scene.clock), scene.clock)  # type: ignore[arg-type]

    assert deaf.resource().start(request("Delete", "m1-c-1")).physical_id == "m1-c-1"
