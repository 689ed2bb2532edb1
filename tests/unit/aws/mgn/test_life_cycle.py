"""The states of a server, and which operation each of them accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.aws.mgn.source_servers import Register, Server
from tests.waiting import wait_until


def test_a_healthy_server_shows_what_the_service_was_seen_to_show(server: Server) -> None:
    info, life_cycle = server.replication(), server.describe()["lifeCycle"]
    assert (info["dataReplicationState"], info["lagDuration"]) == ("CONTINUOUS", "P0D")
    (disk,) = info["replicatedDisks"]
    # What was rescanned is no number of bytes that are left.
    assert disk["rescannedStorageBytes"] == disk["replicatedStorageBytes"] == disk["totalStorageBytes"]
    assert {step["status"] for step in info["dataReplicationInitiation"]["steps"]} == {"SUCCEEDED"}
    nothing: dict[str, Any] = {"initiated": {}, "reverted": {}, "finalized": {}}
    assert life_cycle["lastTest"] == life_cycle["lastCutover"] == nothing
    assert life_cycle["addedToServiceDateTime"].endswith("+00:00")
    added = datetime.fromisoformat(life_cycle["addedToServiceDateTime"])
    assert timedelta() <= datetime.now(UTC) - added < timedelta(minutes=5)


def test_a_server_without_a_point_in_time_is_not_ready(server: Server) -> None:
    server.mgn.stop_replication(sourceServerID=server.id)
    described = server.describe()
    assert described["lifeCycle"]["state"] == "NOT_READY"
    assert described["dataReplicationInfo"]["dataReplicationState"] == "STOPPED"
    assert "lagDuration" not in described["dataReplicationInfo"]
    with pytest.raises(server.mgn.exceptions.ConflictException):
        server.change("READY_FOR_CUTOVER")
    server.mgn.start_replication(sourceServerID=server.id)
    wait_until(lambda: server.state == "READY_FOR_TEST")


def test_a_paused_replication_resumes(server: Server) -> None:
    server.mgn.pause_replication(sourceServerID=server.id)
    assert server.replication()["dataReplicationState"] == "PAUSED"
    with pytest.raises(server.mgn.exceptions.ConflictException):
        server.mgn.pause_replication(sourceServerID=server.id)
    server.mgn.resume_replication(sourceServerID=server.id)
    assert server.replication()["dataReplicationState"] == "CONTINUOUS"


def test_only_a_stalled_replication_is_retried(server: Server) -> None:
    with pytest.raises(server.mgn.exceptions.ValidationException, match="not stalled"):
        server.mgn.retry_data_replication(sourceServerID=server.id)


def test_a_cutover_begins_from_ready_for_cutover_alone(server: Server) -> None:
    with pytest.raises(server.mgn.exceptions.ConflictException, match="READY_FOR_TEST") as caught:
        server.start("cutover")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert caught.value.response["errors"][0]["resourceId"] == server.id
    assert server.state == "READY_FOR_TEST"


def test_a_test_server_is_no_cutover_server(server: Server, subnet: str) -> None:
    server.place(subnet)
    server.launch()
    assert server.state == "TESTING"
    with pytest.raises(server.mgn.exceptions.ConflictException, match="TESTING"):
        server.start("cutover")


def test_the_state_changes_with_the_call_while_the_job_is_pending(server: Server, subnet: str) -> None:
    server.place(subnet)
    job = server.mgn.start_test(sourceServerIDs=[server.id], tags={"run": "1"})["job"]
    assert server.state == "TESTING"
    assert (job["status"], job["type"], job["initiatedBy"], job["tags"]) == (
        "PENDING",
        "LAUNCH",
        "START_TEST",
        {"run": "1"},
    )
    assert job["participatingServers"] == [{"sourceServerID": server.id, "launchStatus": "PENDING"}]
    ended = server.end_of(job["jobID"])
    assert ended.record["endDateTime"].endswith("+00:00")
    assert server.describe()["lifeCycle"]["lastTest"]["initiated"]["jobID"] == job["jobID"]


def test_a_test_that_was_accepted_is_not_recorded_as_finalized(server: Server, subnet: str) -> None:
    server.place(subnet)
    server.launch()
    server.change("READY_FOR_CUTOVER")
    assert server.describe()["lifeCycle"]["lastTest"]["finalized"] == {}
    server.change("READY_FOR_TEST")


def test_a_cutover_is_reverted_and_done_again(server: Server, subnet: str) -> None:
    first = server.cut_over(subnet)
    assert server.state == "CUTTING_OVER"
    server.change("READY_FOR_CUTOVER")
    assert server.describe()["lifeCycle"]["lastCutover"]["reverted"]["apiCallDateTime"].endswith("+00:00")
    assert server.launch("cutover").instance != first.instance


def test_a_change_of_the_state_terminates_nothing(server: Server, subnet: str) -> None:
    job = server.cut_over(subnet)
    server.change("READY_FOR_CUTOVER")
    assert server.describe()["launchedInstance"]["ec2InstanceID"] == job.instance


@pytest.mark.parametrize("state", ["TESTING", "CUTTING_OVER", "CUTOVER"])
def test_termination_is_refused_in_a_test_or_a_cutover(server: Server, subnet: str, state: str) -> None:
    server.place(subnet)
    if state == "TESTING":
        server.launch()
    else:
        server.change("READY_FOR_CUTOVER")
        server.launch("cutover")
    if state == "CUTOVER":
        server.mgn.finalize_cutover(sourceServerID=server.id)
    with pytest.raises(server.mgn.exceptions.ConflictException, match=state):
        server.terminate()


def test_finalize_makes_no_job_and_cannot_be_reverted(server: Server, subnet: str) -> None:
    server.cut_over(subnet)
    jobs = len(server.mgn.describe_jobs()["items"])
    ended = server.mgn.finalize_cutover(sourceServerID=server.id)
    assert ended["lifeCycle"]["state"] == "CUTOVER"
    assert ended["lifeCycle"]["lastCutover"]["finalized"]["apiCallDateTime"]
    info = ended["dataReplicationInfo"]
    assert info["dataReplicationState"] == "DISCONNECTED"
    assert "lagDuration" not in info
    assert {step["status"] for step in info["dataReplicationInitiation"]["steps"]} == {"NOT_STARTED"}
    assert len(server.mgn.describe_jobs()["items"]) == jobs
    with pytest.raises(server.mgn.exceptions.ConflictException, match="reinstall the Replication Agent"):
        server.change("READY_FOR_CUTOVER")


def test_the_launched_instance_stays_after_finalize_and_the_launch_template_goes(server: Server, subnet: str) -> None:
    job, template = server.cut_over(subnet), server.template
    server.mgn.finalize_cutover(sourceServerID=server.id)
    described = server.aws("ec2").describe_instances(InstanceIds=[job.instance])["Reservations"][0]["Instances"][0]
    assert described["State"]["Name"] == "running"
    names = server.aws("ec2").describe_launch_templates
    wait_until(lambda: template not in [one["LaunchTemplateId"] for one in names()["LaunchTemplates"]])


def test_finalize_needs_a_cutover(server: Server) -> None:
    with pytest.raises(server.mgn.exceptions.ConflictException):
        server.mgn.finalize_cutover(sourceServerID=server.id)


def test_a_server_is_deleted_only_when_it_does_not_replicate(server: Server) -> None:
    with pytest.raises(server.mgn.exceptions.ConflictException, match="must not be actively replicating"):
        server.mgn.delete_source_server(sourceServerID=server.id)
    with pytest.raises(server.mgn.exceptions.ConflictException):
        server.mgn.mark_as_archived(sourceServerID=server.id)
    server.mgn.disconnect_from_service(sourceServerID=server.id)
    assert server.state == "DISCONNECTED"
    assert server.mgn.mark_as_archived(sourceServerID=server.id)["isArchived"] is True
    server.mgn.delete_source_server(sourceServerID=server.id)
    with pytest.raises(server.mgn.exceptions.ResourceNotFoundException) as caught:
        server.mgn.get_launch_configuration(sourceServerID=server.id)
    assert caught.value.response["resourceId"] == server.id


def test_disconnected_servers_are_listed_until_they_are_archived(register: Register) -> None:
    old = register("twin")
    old.mgn.disconnect_from_service(sourceServerID=old.id)
    new = register("twin")

    def listed(**filters: Any) -> set[str]:
        return {one["sourceServerID"] for one in new.mgn.describe_source_servers(filters=filters)["items"]}

    assert new.id != old.id
    assert {new.id, old.id} <= listed(isArchived=False)
    assert old.id not in listed(lifeCycleStates=["READY_FOR_TEST"])
    old.mgn.mark_as_archived(sourceServerID=old.id)
    assert old.id not in listed(isArchived=False)
    assert old.id in listed(isArchived=True)


def test_servers_come_in_pages(register: Register) -> None:
    made = {register().id for _ in range(3)}
    pages = (
        register()
        .mgn.get_paginator("describe_source_servers")
        .paginate(filters={"sourceServerIDs": sorted(made)}, PaginationConfig={"PageSize": 2})
    )
    sizes = [len(page["items"]) for page in pages]
    assert sizes == [2, 1]


def test_tags_are_changed_by_the_arn(register: Register) -> None:
    server = register(tags={"Name": "git"})
    arn = server.describe()["arn"]
    server.mgn.tag_resource(resourceArn=arn, tags={"wave": "1", "old": "x"})
    server.mgn.untag_resource(resourceArn=arn, tagKeys=["old", "never"])
    assert server.mgn.list_tags_for_resource(resourceArn=arn)["tags"] == {"Name": "git", "wave": "1"}
    assert server.describe()["tags"] == {"Name": "git", "wave": "1"}
