"""The replication task is started once, when both endpoints are reachable, and stopped at the end."""

from __future__ import annotations

import pytest
from common.errors import StepFailed

from tests.unit.custom_resource.preparation import TASK, FakeConnections, FakeTask, replication, request


@pytest.mark.parametrize(
    ("kind", "task", "action_log"),
    [
        ("Create", FakeTask("ready"), ["start-replication"]),
        ("Create", FakeTask("stopped", started_before=True), ["resume-processing"]),
        ("Create", FakeTask("running"), []),
        ("Update", FakeTask("stopped", started_before=True), []),
        ("Delete", FakeTask("running"), ["stop"]),
        ("Delete", FakeTask("stopped"), []),
        ("Delete", FakeTask("gone", exists=False), []),
    ],
)
def test_the_task_is_started_once_and_stopped_at_the_end(kind: str, task: FakeTask, action_log: list[str]) -> None:
    replication(task).start(request(kind, TASK))

    assert task.action_log == action_log


@pytest.mark.parametrize(
    ("kind", "status", "complete"),
    [
        ("Create", "starting", False),
        ("Create", "running", True),
        ("Update", "stopped", True),
        ("Delete", "stopping", False),
        ("Delete", "stopped", True),
        ("Delete", "failed", True),
    ],
)
def test_the_preparation_waits_for_the_task(kind: str, status: str, complete: bool) -> None:
    assert replication(FakeTask(status)).check_progress(request(kind, TASK)).complete is complete


def test_a_task_that_cannot_be_described_is_not_considered_deleted() -> None:
    # Given a task that may still run, which nobody is permitted to describe
    resource = replication(FakeTask("denied"))
    for call in (resource.start, resource.check_progress):
        with pytest.raises(StepFailed, match="AccessDenied"):
            call(request("Delete", TASK))
    # And a missing task counts as stopped
    assert replication(FakeTask("gone", exists=False)).check_progress(request("Delete", TASK)).complete


def test_a_failed_task_is_reported_with_its_reason() -> None:
    with pytest.raises(StepFailed, match="bad host"):
        replication(FakeTask("failed")).check_progress(request("Create", TASK))


def test_the_task_is_started_when_both_endpoints_are_reachable() -> None:
    # Given: one endpoint that was never tested, and one whose test failed in an earlier deploy
    task, connections = FakeTask("ready"), FakeConnections("", "failed")
    resource, create = replication(task, connections), request("Create", TASK)

    # When/Then: both are tested, and nothing is started while a test runs
    resource.start(create)
    assert connections.action_log == ["source", "target"]
    connections.states["source"] = "successful"
    assert not resource.check_progress(create).complete
    assert task.action_log == []

    # When/Then: the second succeeds
    connections.states["target"] = "successful"
    assert not resource.check_progress(create).complete
    assert task.action_log == ["start-replication"]
    assert connections.action_log == ["source", "target"]


def test_an_unreachable_endpoint_is_named() -> None:
    task = FakeTask("ready")

    with pytest.raises(StepFailed, match=r"the target endpoint target cannot be reached .*: no route"):
        replication(task, FakeConnections("successful", "failed")).check_progress(request("Create", TASK))

    assert task.action_log == []


@pytest.mark.parametrize("kind", ["Update", "Delete"])
def test_connections_are_tested_only_for_a_new_resource(kind: str) -> None:
    connections = FakeConnections("", "")
    resource = replication(FakeTask("stopped", started_before=True), connections)

    resource.start(request(kind, TASK))
    resource.check_progress(request(kind, TASK))

    assert connections.action_log == []
