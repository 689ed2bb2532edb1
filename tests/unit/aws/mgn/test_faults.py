"""Failures of MGN that can be ordered, as a client sees them."""

from __future__ import annotations

from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws import wire
from rehearsal.aws.faults import client as faults
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from tests.unit.aws.mgn.source_servers import Register, Server
from tests.waiting import wait_until

ERRORS = wire.load_service("mgn").model.shape_for("DataReplicationErrorString").metadata["enum"]


def test_a_stale_snapshot_is_launched_and_only_the_log_shows_it(
    settings: Settings, server: Server, subnet: str
) -> None:
    server.place(subnet)
    server.change("READY_FOR_CUTOVER")
    faults.inject_fault(settings, "mgn-stale-snapshot", server=server.id)
    job = server.launch("cutover")
    assert (job.record["status"], job.status) == ("COMPLETED", "LAUNCHED")
    assert job.events[1:4] == ["SNAPSHOT_START", "SNAPSHOT_FAIL", "USING_PREVIOUS_SNAPSHOT"]
    assert "SNAPSHOT_END" not in job.events
    server.change("READY_FOR_CUTOVER")
    assert "USING_PREVIOUS_SNAPSHOT" not in server.launch("cutover").events


@pytest.mark.parametrize("event", ["LAUNCH_FAILED", "CONVERSION_FAIL"])
def test_a_launch_fails_and_can_be_repeated(settings: Settings, server: Server, subnet: str, event: str) -> None:
    server.place(subnet)
    faults.inject_fault(settings, "mgn-launch-fails", server=server.id, event=event, message="no capacity")
    job = server.launch()
    assert (job.status, job.error(event), job.events[-1]) == ("FAILED", "no capacity", "JOB_END")
    assert server.state == "READY_FOR_TEST"
    assert server.launch().status == "LAUNCHED"


def test_a_failed_cutover_leaves_no_earlier_instance(settings: Settings, server: Server, subnet: str) -> None:
    server.place(subnet)
    server.launch()
    server.change("READY_FOR_CUTOVER")
    faults.inject_fault(settings, "mgn-launch-fails", server=server.id)
    assert server.launch("cutover").status == "FAILED"
    assert "launchedInstance" not in server.describe()
    assert server.state == "READY_FOR_CUTOVER"


def test_a_missing_permission_fails_a_launch_with_its_name(settings: Settings, server: Server, subnet: str) -> None:
    server.place(subnet)
    faults.inject_fault(settings, "mgn-denied", server=server.id, action="ec2:CreateTags")
    error = server.launch().error("LAUNCH_FAILED")
    assert "UnauthorizedOperation" in error
    assert "is not authorized to perform: ec2:CreateTags" in error


@pytest.mark.parametrize("error", ERRORS)
def test_replication_stalls_with_each_error_of_the_model(settings: Settings, server: Server, error: str) -> None:
    with faults.inject_fault(settings, "mgn-stalled", server=server.id, error=error):
        info = server.replication()
        assert (info["dataReplicationState"], info["dataReplicationError"]["error"]) == ("STALLED", error)
    info = server.replication()
    assert info["dataReplicationState"] == "CONTINUOUS"
    assert "dataReplicationError" not in info


def test_an_error_that_the_model_does_not_have_is_refused(settings: Settings) -> None:
    with pytest.raises(RehearsalError, match="error: must be one of AGENT_NOT_SEEN"):
        faults.inject_fault(settings, "mgn-stalled", error="TIRED")


def test_a_stalled_server_is_named_by_its_host_name_and_the_others_go_on(
    settings: Settings, register: Register
) -> None:
    stalled, other = register("stalled-host"), register()
    with faults.inject_fault(settings, "mgn-stalled", server="stalled-*", error="UNSTABLE_NETWORK"):
        assert stalled.replication()["dataReplicationState"] == "STALLED"
        assert other.replication()["dataReplicationState"] == "CONTINUOUS"
        stalled.mgn.retry_data_replication(sourceServerID=stalled.id)


def test_a_stalled_server_launches_its_previous_snapshot(settings: Settings, server: Server, subnet: str) -> None:
    server.place(subnet)
    with faults.inject_fault(settings, "mgn-stalled", server=server.id, error="AGENT_NOT_SEEN"):
        assert "USING_PREVIOUS_SNAPSHOT" in server.launch().events


def test_an_initial_sync_that_stands_is_shown_with_an_estimate_and_no_lag(
    settings: Settings, register: Register
) -> None:
    with faults.inject_fault(settings, "mgn-initial-sync", server="slow-host"):
        server = register("slow-host", ready=False)
        wait_until(lambda: server.replication()["dataReplicationState"] == "INITIAL_SYNC")
        described = server.describe()
        (disk,) = described["dataReplicationInfo"]["replicatedDisks"]
        assert disk["replicatedStorageBytes"] * 2 == disk["totalStorageBytes"]
        assert "lagDuration" not in described["dataReplicationInfo"]
        assert described["lifeCycle"]["state"] == "NOT_READY"


def test_a_backlog_shows_as_lag(settings: Settings, server: Server) -> None:
    with faults.inject_fault(settings, "mgn-lag", server=server.id):
        server.mgn.pause_replication(sourceServerID=server.id)
        server.mgn.resume_replication(sourceServerID=server.id)
        info = wait_until(lambda: (now := server.replication())["dataReplicationState"] == "BACKLOG" and now)
        assert info["replicatedDisks"][0]["backloggedStorageBytes"] == 4096
        assert info["lagDuration"].startswith("PT")


def test_throttling_names_the_seconds_to_wait(settings: Settings, server: Server) -> None:
    faults.inject_fault(
        settings, "api-error", service="mgn", action="DescribeJobs", code="ThrottlingException", status=429, seconds=2
    )
    with pytest.raises(server.mgn.exceptions.ThrottlingException) as caught:
        server.mgn.describe_jobs()
    assert caught.value.response["retryAfterSeconds"] == "2"
    assert server.mgn.describe_jobs()["items"] is not None


def test_a_quota_is_ordered_as_402(settings: Settings, server: Server) -> None:
    faults.inject_fault(
        settings, "api-error", service="mgn", action="StartTest", code="ServiceQuotaExceededException", status=402
    )
    with pytest.raises(server.mgn.exceptions.ServiceQuotaExceededException):
        server.start()
    assert server.state == "READY_FOR_TEST"


def test_the_quota_of_jobs_is_ordered_with_its_code(settings: Settings, server: Server, subnet: str) -> None:
    server.place(subnet)
    faults.inject_fault(settings, "mgn-quota", server=server.id)
    with pytest.raises(server.mgn.exceptions.ServiceQuotaExceededException) as caught:
        server.start()
    assert (caught.value.response["quotaCode"], caught.value.response["quotaValue"]) == ("L-FE2EBE17", 20)
    assert server.state == "READY_FOR_TEST"
    assert server.launch().status == "LAUNCHED"


def test_a_slow_launch_is_longer_in_its_conversion(settings: Settings, server: Server, subnet: str) -> None:
    server.place(subnet)
    faults.inject_fault(settings, "mgn-slow-launch", server=server.id, seconds=1)
    log = server.launch().log
    dates = {item["event"]: item["logDateTime"] for item in log}
    took = datetime.fromisoformat(dates["CONVERSION_END"]) - datetime.fromisoformat(dates["CONVERSION_START"])
    assert took.total_seconds() >= 1


def test_a_lost_response_of_start_cutover_is_found_among_the_jobs(
    settings: Settings, server: Server, subnet: str
) -> None:
    server.place(subnet)
    server.change("READY_FOR_CUTOVER")
    faults.inject_fault(
        settings, "api-error", service="mgn", action="StartCutover", when="after", code="InternalServerException"
    )
    with pytest.raises(ClientError):
        server.start("cutover")
    (job,) = [
        one
        for one in server.mgn.describe_jobs()["items"]
        if one["initiatedBy"] == "START_CUTOVER" and one["participatingServers"][0]["sourceServerID"] == server.id
    ]
    assert server.end_of(job["jobID"]).status == "LAUNCHED"


def test_a_server_has_one_job_at_a_time(settings: Settings, server: Server, subnet: str) -> None:
    server.place(subnet)
    conflict = server.mgn.exceptions.ConflictException
    with faults.inject_fault(settings, "mgn-lag", server=server.id):  # the job waits for its snapshot
        job = server.start()
        wait_until(lambda: server.mgn.describe_jobs(filters={"jobIDs": [job]})["items"][0]["status"] == "STARTED")
        with pytest.raises(conflict, match=f"already in job {job}") as caught:
            server.start()
        assert caught.value.response["resourceId"] == server.id
        with pytest.raises(conflict, match="already in job"):
            server.change("READY_FOR_CUTOVER")
        with pytest.raises(conflict, match="is STARTED"):
            server.mgn.delete_job(jobID=job)
    assert server.end_of(job).status == "LAUNCHED"
