"""The product's own client against this service: what one side sends, the other understands."""

from __future__ import annotations

import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
from common.clients.mgn import Mgn
from common.clients.provider import Job, JobStatus, ReplicationSettings
from common.errors import RetryableProviderError
from common.settings import LaunchSettings, ProviderSettings, Settings

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client as faults
from rehearsal.settings import ACCOUNT
from rehearsal.settings import Settings as World
from tests.roles import as_role, role_for, statement
from tests.unit.aws.mgn.source_servers import Register, Server
from tests.waiting import wait_until

OWN = {
    "replication_server_instance_type": "t3.small",
    "ebs_encryption_key_arn": "",
    "bandwidth_throttling_mbps": 0,
    "boot_mode": "USE_SOURCE",
}
POLICIES = ("AWSApplicationMigrationEC2Access", "AWSApplicationMigrationFullAccess")
TAGS = {"Name": "replica", "cutover:role": "replica", "cutover:run-id": "r1"}


class RealClock:
    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.1))


@pytest.fixture
def place(aws: Clients, subnet: str, replica_profile: str) -> LaunchSettings:
    """A place for replicas, with an instance profile of their own."""
    name = f"replica-{token_hex(4)}"
    vpc = aws("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"]
    group = aws("ec2").create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    return LaunchSettings(
        subnet_id=subnet, security_group_ids=(group,), instance_profile=replica_profile, instance_type="t3.medium"
    )


Connect = Callable[..., Mgn]


@pytest.fixture
def connect(settings: World, aws: Clients, mgn: Any, place: LaunchSettings) -> Connect:
    """A client with the permissions that the procedure's role has."""
    assert mgn

    def connected(name: str, *, policies: tuple[str, ...] = POLICIES) -> Mgn:
        role_name = f"procedure-{token_hex(4)}"
        passes = f"arn:aws:iam::{ACCOUNT}:role/{place.instance_profile}"
        allowed = ("sts:GetCallerIdentity", "iam:Get*", "iam:List*", "iam:SimulatePrincipalPolicy", "ec2:Describe*")
        statements = [*(statement(action) for action in allowed), statement("mgn:*"), statement("iam:PassRole", passes)]
        role = role_for(aws, role_name, allowed=tuple(statements))
        for policy in policies:
            aws("iam").attach_role_policy(RoleName=role_name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
        own = Settings(
            site="gogs",
            runs_table="runs",
            evidence_bucket="evidence",
            provider=ProviderSettings(kind="mgn", source_server_name=name, own=OWN),
            launch_settings=place,
        )
        return Mgn(own, RealClock(), lambda service: as_role(settings, role, service))

    return connected


@pytest.fixture
def source(register: Register) -> Server:
    return register(f"source-{token_hex(4)}")


@pytest.fixture
def provider(connect: Connect, source: Server) -> Mgn:
    return connect(source.describe()["sourceProperties"]["identificationHints"]["hostname"])


def end(provider: Mgn, job_id: str) -> Job:
    job: Job = wait_until(lambda: (now := provider.read_job(job_id)).status is not JobStatus.RUNNING and now, job_id)
    return job


def begin(provider: Mgn, source: Server, place: LaunchSettings, kind: Any) -> str:
    provider.prepare_launch(source.id, launch_settings=place, tags=TAGS)
    return provider.launch(source.id, kind, since=time.time() - 1)


def test_the_client_leaves_an_initialized_account_as_it_is(provider: Mgn, place: LaunchSettings) -> None:
    defaults = ReplicationSettings(subnet_id=place.subnet_id, security_group_ids=(), use_private_ip=True)
    assert provider.initialize(defaults)["initialized"] == "before"


def test_the_client_sets_where_replication_goes(provider: Mgn, source: Server, place: LaunchSettings) -> None:
    where = ReplicationSettings(
        subnet_id=place.subnet_id, security_group_ids=place.security_group_ids, use_private_ip=True
    )
    assert provider.configure_replication(where)["changed_in_servers"] == {
        source.id: ["associateDefaultSecurityGroup", "replicationServersSecurityGroupsIDs"]
    }
    assert provider.configure_replication(where)["changed_in_servers"] == {source.id: []}


def test_a_server_that_was_added_without_replication_is_started_with_its_settings(
    connect: Connect, register: Register, place: LaunchSettings
) -> None:
    added = register(ready=False, noReplication=True)
    provider = connect(added.id)
    where = ReplicationSettings(
        subnet_id=place.subnet_id, security_group_ids=place.security_group_ids, use_private_ip=True
    )
    assert provider.configure_replication(where)["started"] == [added.id]
    wait_until(lambda: added.state == "READY_FOR_TEST")
    assert provider.configure_replication(where)["started"] == []


def test_the_client_finds_the_server_and_what_a_launch_needs(provider: Mgn, source: Server) -> None:
    name = source.describe()["sourceProperties"]["identificationHints"]["hostname"]
    assert provider.find_source_server(name).source_server_id == source.id
    readiness = provider.check_readiness(source.id, tested=False)
    assert (readiness.waiting, readiness.blocked) == ((), ())
    assert any("never launched" in why for why in provider.check_readiness(source.id, tested=True).blocked)


def test_the_client_names_the_rights_that_its_role_lacks(connect: Connect, source: Server) -> None:
    poor = connect("whatever", policies=())
    (blocked,) = poor.check_readiness(source.id, tested=False).blocked
    assert "ec2:CreateTags on network-interface/*" in blocked


@pytest.mark.parametrize(
    ("error", "advice"), [("UNSTABLE_NETWORK", "UNSTABLE_NETWORK"), ("AGENT_NOT_SEEN", "AGENT_NOT_SEEN")]
)
def test_the_client_reports_why_replication_stalls(
    settings: World, provider: Mgn, source: Server, error: str, advice: str
) -> None:
    with faults.inject_fault(settings, "mgn-stalled", server=source.id, error=error):
        assert any(advice in why for why in provider.check_readiness(source.id, tested=False).blocked)


def test_a_whole_cutover(provider: Mgn, source: Server, place: LaunchSettings) -> None:
    test = begin(provider, source, place, "TEST")
    assert end(provider, test).status is JobStatus.COMPLETED
    replica = provider.find_launched_instance(source.id)
    data = source.template_data()
    assert data["NetworkInterfaces"][0]["Groups"] == list(place.security_group_ids)
    assert data["IamInstanceProfile"] == {"Name": place.instance_profile}
    assert provider.prepare_launch(source.id, launch_settings=place, tags=TAGS)["changed"] == []

    assert end(provider, provider.remove_replica(source.id)).status is JobStatus.COMPLETED
    assert provider.find_launched_instance(source.id) == ""
    assert provider.remove_replica(source.id) == ""

    provider.mark_ready_for_cutover(source.id)
    cutover = begin(provider, source, place, "CUTOVER")
    assert end(provider, cutover).status is JobStatus.COMPLETED
    assert provider.find_launched_instance(source.id) not in ("", replica)
    assert provider.finalize(source.id)["life_cycle"] == "CUTOVER"
    assert provider.finalize(source.id)["life_cycle"] == "CUTOVER"


def test_the_client_fails_a_cutover_of_old_data(
    settings: World, provider: Mgn, source: Server, place: LaunchSettings
) -> None:
    faults.inject_fault(settings, "mgn-stale-snapshot", server=source.id)
    job = end(provider, begin(provider, source, place, "CUTOVER"))
    assert job.status is JobStatus.FAILED
    assert any("USING_PREVIOUS_SNAPSHOT" in line for line in job.log)


def test_the_client_adopts_the_launch_whose_response_was_lost(
    settings: World, provider: Mgn, source: Server, place: LaunchSettings
) -> None:
    provider.mark_ready_for_cutover(source.id)
    provider.prepare_launch(source.id, launch_settings=place, tags=TAGS)
    since, lost = time.time() - 1, {"when": "after", "code": "InternalServerException"}
    with faults.inject_fault(settings, "mgn-lag", server=source.id):  # the job is at work when the call is repeated
        faults.inject_fault(settings, "api-error", service="mgn", action="StartCutover", **lost)
        with pytest.raises(RetryableProviderError):  # the error for which the state machine repeats the step
            provider.launch(source.id, "CUTOVER", since=since)
        job = provider.launch(source.id, "CUTOVER", since=since)
    assert end(provider, job).status is JobStatus.COMPLETED
    launches = [one for one in source.mgn.describe_jobs()["items"] if one["initiatedBy"] == "START_CUTOVER"]
    ours = [one for one in launches if one["participatingServers"][0]["sourceServerID"] == source.id]
    assert len(ours) == 1
