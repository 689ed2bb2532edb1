"""The product's own client against the local AWS: a launch that failed can be repeated."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from common.clients.mgn import Mgn
from common.clients.provider import Job, JobStatus
from common.clock import SystemClock
from common.run import Launch
from common.settings import LaunchSettings, ProviderSettings
from common.settings import Settings as FunctionSettings

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client as faults
from rehearsal.settings import Settings
from tests.unit.aws.mgn.source_servers import Server
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
def place(subnet: str, group: str, replica_profile: str) -> LaunchSettings:
    return LaunchSettings(subnet_id=subnet, security_group_ids=(group,), instance_profile=replica_profile)


def end(client: Mgn, job_id: str) -> Job:
    def ended() -> Job | None:
        job = client.read_job(job_id)
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
    yield client.find_launched_instance(server.id)
    if job_id := client.remove_replica(server.id):
        assert end(client, job_id).status is JobStatus.COMPLETED
    assert client.remove_replica(server.id) == ""
    assert client.find_launched_instance(server.id) == ""


def read_tags(aws: Clients, instance_id: str) -> dict[str, str]:
    found: dict[str, Any] = aws("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def test_a_cutover_can_be_repeated_after_one_from_an_older_snapshot(
    client: Mgn, settings: Settings, server: Server, place: LaunchSettings
) -> None:
    faults.inject_fault(settings, "mgn-stale-snapshot", server=server.id)
    failed = launch(client, server, "CUTOVER", place)
    assert failed.status is JobStatus.FAILED
    assert "launched from an older one" in failed.log[-1]
    with replica_of(client, server):
        pass

    assert launch(client, server, "CUTOVER", place).status is JobStatus.COMPLETED


def test_a_launch_that_fails_can_be_repeated(
    client: Mgn, settings: Settings, server: Server, place: LaunchSettings
) -> None:
    faults.inject_fault(settings, "mgn-launch-fails", server=server.id, event="LAUNCH_FAILED", message="no capacity")
    failed = launch(client, server, "TEST", place)
    assert failed.status is JobStatus.FAILED
    assert "LAUNCH_FAILED: no capacity" in failed.log
    assert client.remove_replica(server.id) == ""

    assert launch(client, server, "TEST", place).status is JobStatus.COMPLETED
