"""The end of a launch and of the migration: state first, then exactly this server's instance; what is already so is done."""

from __future__ import annotations

import pytest
from common.clients.mgn import Mgn
from common.clients.provider import JobStatus
from common.errors import RetryableProviderError, StepFailed
from common.run import Launch

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.wire import ApiError, LostAnswer

TAGS_OF_A_REPLICA = {
    "AWSApplicationMigrationServiceManaged": "mgn.amazonaws.com",
    "AWSApplicationMigrationServiceSourceServerID": f"s-{1:017d}",
    "cutover:role": "replica",
}


@pytest.mark.parametrize(("kind", "after"), [("TEST", "READY_FOR_TEST"), ("CUTOVER", "READY_FOR_CUTOVER")])
def test_the_state_changes_before_the_instance_is_terminated(
    stage: Stage, client: Mgn, kind: Launch, after: str
) -> None:
    stage.launch(client, kind)
    other = stage.mgn.add_server("other", number=2)
    stage.ec2.run(stage.ec2.read_default("lt-00000000000000001"), other, "mgnjob-x")

    job = client.remove_replica(stage.server_id)
    assert client.read_job(job).status is JobStatus.RUNNING
    stage.mgn.end(job)

    assert (client.read_job(job).status, client.read_job(job).warnings) == (JobStatus.COMPLETED, ())
    assert stage.state == after
    assert len(stage.ec2.list_running()) == 1, "the other server's instance stays"
    assert client.remove_replica(stage.server_id) == ""


def test_a_server_without_an_instance_only_leaves_its_state(stage: Stage, client: Mgn) -> None:
    stage.mgn.capacity = False
    stage.launch(client)
    assert stage.state == "TESTING"

    assert client.remove_replica(stage.server_id) == ""
    assert stage.state == "READY_FOR_TEST"


def test_a_lost_response_of_a_termination_is_adopted(stage: Stage, client: Mgn) -> None:
    stage.launch(client)
    stage.mgn.faults["TerminateTargetInstances"] = [LostAnswer()]
    with pytest.raises(RetryableProviderError):
        client.remove_replica(stage.server_id)

    job = client.remove_replica(stage.server_id)

    assert stage.mgn.jobs[job]["type"] == "TERMINATE"
    assert sum(one["type"] == "TERMINATE" for one in stage.mgn.jobs.values()) == 1


def test_a_refused_termination_without_a_job_is_retryable(stage: Stage, client: Mgn) -> None:
    stage.launch(client)
    stage.mgn.faults["TerminateTargetInstances"] = [ApiError("ConflictException", "busy", 409)]

    with pytest.raises(RetryableProviderError, match="busy"):
        client.remove_replica(stage.server_id)


def test_an_orphaned_volume_is_a_warning_with_its_name(stage: Stage, client: Mgn) -> None:
    stage.ec2.volumes = {
        "vol-orphaned": {"status": "available", "tags": TAGS_OF_A_REPLICA},
        "vol-in-use": {"status": "in-use", "tags": TAGS_OF_A_REPLICA},
        "vol-staging": {"status": "available", "tags": {**TAGS_OF_A_REPLICA, "cutover:role": ""}},
        "vol-other": {"status": "available", "tags": {**TAGS_OF_A_REPLICA, "AWSApplicationMigrationServiceSourceServerID": "s-2"}},
    }  # fmt: skip
    stage.launch(client)
    job = client.remove_replica(stage.server_id)
    stage.mgn.end(job)

    assert client.read_job(job).warnings == ("the replica left volumes that cost money: delete vol-orphaned in EC2",)


def test_volumes_that_cannot_be_listed_are_reported_as_not_checked(stage: Stage, client: Mgn) -> None:
    stage.launch(client)
    job = client.remove_replica(stage.server_id)
    stage.mgn.end(job)
    stage.ec2.denied.add("DescribeVolumes")

    assert "were not checked: ec2:DescribeVolumes" in client.read_job(job).warnings[0]


def test_finalize_ends_the_replication_and_keeps_the_instance(stage: Stage, client: Mgn) -> None:
    stage.launch(client, "CUTOVER")

    assert client.finalize(stage.server_id)["life_cycle"] == "CUTOVER"
    assert client.finalize(stage.server_id)["life_cycle"] == "CUTOVER"

    assert stage.mgn.count("FinalizeCutover") == 1
    assert len(stage.ec2.list_running()) == 1


def test_a_lost_response_of_finalize_counts_as_done(stage: Stage, client: Mgn) -> None:
    stage.launch(client, "CUTOVER")
    stage.mgn.faults["FinalizeCutover"] = [LostAnswer()]

    assert client.finalize(stage.server_id)["life_cycle"] == "CUTOVER"


def test_a_server_that_was_not_cut_over_is_not_finalized(stage: Stage, client: Mgn) -> None:
    with pytest.raises(StepFailed, match="Cannot finalize a READY_FOR_TEST server"):
        client.finalize(stage.server_id)


def test_after_finalize_ec2_removes_the_instance_because_mgn_refuses(stage: Stage, client: Mgn) -> None:
    stage.launch(client, "CUTOVER")
    client.finalize(stage.server_id)
    (instance,) = stage.ec2.list_running()

    job = client.remove_replica(stage.server_id)

    assert job == f"ec2:{instance}"
    assert stage.mgn.count("TerminateTargetInstances", "ChangeServerLifeCycleState") == 1, "the one before the launch"
    assert client.read_job(job).status is JobStatus.COMPLETED
    assert client.remove_replica(stage.server_id) == ""


def test_ec2_never_removes_an_instance_of_another_server(stage: Stage, client: Mgn) -> None:
    stage.launch(client, "CUTOVER")
    client.finalize(stage.server_id)
    (instance,) = stage.ec2.list_running()
    stage.ec2.instances[instance]["Tags"] = [
        {"Key": "AWSApplicationMigrationServiceManaged", "Value": "mgn.amazonaws.com"}
    ]

    with pytest.raises(StepFailed, match="does not name s-00000000000000001: it is not removed"):
        client.remove_replica(stage.server_id)
    assert stage.ec2.list_running() == [instance]
