"""The custom resources of ReplicationStack change nothing on a site that has moved."""

from __future__ import annotations

import pytest
from common.errors import StepFailed

from tests.unit.custom_resource.preparation import TASK, FakeMachines, FakeRuns, FakeTask, replication, request, schema


def test_nothing_is_loaded_into_the_database_of_a_site_that_has_moved() -> None:
    """Given a committed run; when the stacks of the migration are deployed again; then DMS does not empty the live tables."""
    task, moved = FakeTask("ready"), FakeRuns(decision="commit")
    for resource, properties in (
        (replication(task, runs=moved), TASK),
        (schema(FakeMachines(), moved), {"InstanceId": "i-1"}),
    ):
        with pytest.raises(StepFailed, match="already moved by run first-c-1"):
            resource.start(request("Create", properties))
    assert task.action_log == []


def test_the_stack_of_a_moved_site_can_still_be_deleted() -> None:
    task, moved = FakeTask("stopped"), FakeRuns(decision="commit")
    assert replication(task, runs=moved).start(request("Delete", TASK)).physical_id
    assert schema(FakeMachines(), moved).start(request("Delete", {"InstanceId": "i-1"})).physical_id
