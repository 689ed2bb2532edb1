"""The product's own client against the local AWS: what one side requests, the other understands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from common.clients.mgn import Mgn
from common.clients.provider import Job, JobStatus, ReplicationSettings
from common.clock import SystemClock
from common.errors import RetryableProviderError, StepFailed
from common.run import Launch
from common.settings import LaunchSettings, ProviderSettings
from common.settings import Settings as FunctionSettings

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client as faults
from rehearsal.settings import Settings
from tests.unit.aws.mgn.conftest import Server
from tests.waiting import wait_until

OWN = {
    "replication_server_instance_type": "t3.small",
    "ebs_encryption_key_arn": "",
    "bandwidth_throttling_mbps": 0,
    "boot_mode": "USE_SOURCE",
}
TAGS = {"Name": "cutover-gogs-replica", "cutover:role": "replica", "cutover:run-id": "r1"}


@pytest.fixture
def client(aws: Clients, mgn: object) -> Mgn:
    assert mgn
    settings = FunctionSettings(
        site="gogs",
        runs_table="runs",
        evidence_bucket="evidence",
        provider=ProviderSettings(kind="mgn", source_server_name="gogs", own=OWN),
    )
    return Mgn(settings, SystemClock(), aws)


@pytest.fixture
def group(aws: Clients) -> str:
    return str(aws("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"])


@pytest.fixture
def place(subnet: str, group: str) -> LaunchSettings:
    return LaunchSettings(subnet_id=subnet, security_group_ids=(group,))


def end(client: Mgn, job_id: str) -> Job:
    def ended() -> Job | None:
        job = client.job(job_id)
        return None if job.status is JobStatus.RUNNING else job

    found: Job = wait_until(ended, f"the end of {job_id}")
    return found


def launch(client: Mgn, server: Server, kind: Launch, place: LaunchSettings) -> Job:
    since = time.time()
    client.prepare_launch(server.id, launch_settings=place, tags=TAGS)
    return end(client, client.launch(server.id, kind, since=since))


@contextmanager
def replica_of(client: Mgn, server: Server) -> Iterator[str]:
    """The replica, which is removed in the end."""
    yield client.launched_instance(server.id)
    if job_id := client.cleanup(server.id):
        assert end(client, job_id).status is JobStatus.COMPLETED
    assert client.cleanup(server.id) == ""
    assert client.launched_instance(server.id) == ""


def read_tags(aws: Clients, instance_id: str) -> dict[str, str]:
    found: dict[str, Any] = aws("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def test_the_account_is_initialized_and_takes_the_replication_settings(client: Mgn, subnet: str, group: str) -> None:
    assert client.initialize()["initialized"] == "before"
    wanted = ReplicationSettings(subnet_id=subnet, security_group_ids=(group,), use_private_ip=True)
    client.configure_replication(wanted)

    assert client.configure_replication(wanted)["changed_in_template"] == []


def test_a_whole_migration(client: Mgn, server: Server, aws: Clients, place: LaunchSettings) -> None:
    # Test
    name = server.describe()["sourceProperties"]["identificationHints"]["hostname"]
    assert client.find_source_server(name).source_server_id == server.id
    assert client.readiness(server.id, tested=True).blocked == ("it was never launched for a test",)
    readiness = client.readiness(server.id, tested=False)
    assert (readiness.waiting, readiness.blocked) == ((), ())
    assert launch(client, server, "TEST", place).status is JobStatus.COMPLETED
    with replica_of(client, server) as instance:
        assert read_tags(aws, instance).items() >= TAGS.items()
    assert client.prepare_launch(server.id, launch_settings=place, tags=TAGS)["changed"] == []

    # Cutover
    assert client.readiness(server.id, tested=True).blocked == ()
    assert client.mark_ready_for_cutover(server.id) == {"life_cycle": "READY_FOR_CUTOVER"}
    job = launch(client, server, "CUTOVER", place)
    assert (job.status, job.warnings, job.log[-1]) == (JobStatus.COMPLETED, (), "JOB_END")
    with replica_of(client, server):
        for _ in range(2):
            assert client.finalize(server.id)["life_cycle"] == "CUTOVER"
    with pytest.raises(StepFailed, match="archived, disconnected or cut over"):
        client.find_source_server(name)


def test_a_cutover_can_be_repeated_after_one_from_an_older_snapshot(
    client: Mgn, settings: Settings, server: Server, place: LaunchSettings
) -> None:
    faults.order(settings, "mgn-stale-snapshot", server=server.id)
    failed = launch(client, server, "CUTOVER", place)
    assert failed.status is JobStatus.FAILED
    assert "launched from an older one" in failed.log[-1]
    with replica_of(client, server):
        pass

    assert launch(client, server, "CUTOVER", place).status is JobStatus.COMPLETED


def test_a_launch_whose_response_was_lost_is_adopted(
    client: Mgn, settings: Settings, server: Server, aws: Clients, place: LaunchSettings
) -> None:
    options = {"service": "mgn", "action": "StartCutover", "when": "after", "code": "InternalServerException"}
    faults.order(settings, "api-error", **options)
    client.prepare_launch(server.id, launch_settings=place, tags=TAGS)
    since = time.time()
    with pytest.raises(RetryableProviderError):  # what Step Functions repeats the step for
        client.launch(server.id, "CUTOVER", since=since)

    assert end(client, client.launch(server.id, "CUTOVER", since=since)).status is JobStatus.COMPLETED
    jobs = aws("mgn").describe_jobs()["items"]
    assert len([job for job in jobs if job["participatingServers"][0]["sourceServerID"] == server.id]) == 1


def test_a_launch_that_fails_can_be_repeated(
    client: Mgn, settings: Settings, server: Server, place: LaunchSettings
) -> None:
    faults.order(settings, "mgn-launch-fails", server=server.id, event="LAUNCH_FAILED", message="no capacity")
    failed = launch(client, server, "TEST", place)
    assert failed.status is JobStatus.FAILED
    assert "LAUNCH_FAILED: no capacity" in failed.log
    assert client.cleanup(server.id) == ""

    assert launch(client, server, "TEST", place).status is JobStatus.COMPLETED


def test_a_stalled_replication_is_reported_with_its_error_and_advice(
    client: Mgn, settings: Settings, server: Server
) -> None:
    with faults.order(settings, "mgn-stalled", server=server.id, error="UNSTABLE_NETWORK"):
        (blocked,) = client.readiness(server.id, tested=False).blocked
    assert "stalled: UNSTABLE_NETWORK" in blocked
    assert "check TCP 1500" in blocked
