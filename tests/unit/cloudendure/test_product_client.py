"""The product's own client works with the console over real connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from common.clients.cloudendure import CloudEndure, ConsoleSession
from common.clients.provider import ReplicationSettings
from common.errors import RetryableProviderError, StepFailed
from common.settings import LaunchSettings

from rehearsal.cloudendure.console import Console
from tests.unit.cloudendure.fakes import Client


class NoWait:
    """A clock without waits between attempts."""

    def now(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0


@pytest.fixture
def provider(url: str, credentials: dict[str, Any]) -> Iterator[CloudEndure]:
    user = {key: credentials[key] for key in ("username", "password")}
    with requests.Session() as http:
        yield CloudEndure(
            ConsoleSession(url, lambda: user, http=http, clock=NoWait()), credentials["project_name"], clock=NoWait()
        )


@pytest.fixture
def machine(client: Client) -> str:
    return str(client.install_agent()["machineId"])


def test_the_client_finds_the_machine_and_reports_why_it_is_not_ready(provider: CloudEndure, machine: str) -> None:
    assert provider.find_source_server("gogs").source_server_id == machine

    readiness = provider.check_readiness(machine, tested=True)

    assert any("initial sync" in reason for reason in readiness.waiting)
    assert any("never launched" in reason for reason in readiness.blocked)


def test_the_client_keeps_the_disks_of_the_blueprint(provider: CloudEndure, client: Client, machine: str) -> None:
    launch_settings = LaunchSettings(
        instance_type="t3.small", subnet_id="subnet-1", security_group_ids=("sg-1",), instance_profile="replica"
    )

    provider.prepare_launch(machine, launch_settings=launch_settings, tags={"cutover:run-id": "r1"})

    blueprint = (client.in_project("GET", "/blueprints").json or {})["items"][0]
    assert blueprint["disks"]
    assert (blueprint["subnetIDs"], blueprint["iamRole"]) == (["subnet-1"], "replica")
    assert blueprint["tags"] == [{"key": "cutover:run-id", "value": "r1"}]


def test_the_client_logs_in_again_after_its_session_expired(
    provider: CloudEndure, console: Console, machine: str
) -> None:
    provider.find_source_server("gogs")
    assert console.sessions.close_all() > 0

    assert provider.find_source_server("gogs").source_server_id == machine


@pytest.mark.parametrize(
    "fault",
    [{"kind": "http", "status": 429}, {"kind": "http", "status": 500}, {"kind": "close"}],
    ids=["429", "500", "closed"],
)
def test_the_client_retries_a_busy_console(
    provider: CloudEndure, console: Console, machine: str, fault: dict[str, Any]
) -> None:
    console.faults.inject({**fault, "path": "/machines"})

    assert provider.find_source_server("gogs").source_server_id == machine


def test_the_client_adopts_the_job_of_a_launch_with_a_lost_response(
    provider: CloudEndure, console: Console, machine: str
) -> None:
    console.faults.inject({"kind": "slow-job", "seconds": 60})
    console.faults.inject({"kind": "lose-response", "path": "/launchMachines"})
    with pytest.raises(RetryableProviderError):
        provider.launch(machine, "TEST", since=0.0)

    job = provider.launch(machine, "TEST", since=0.0)

    with console.store.read() as state:
        assert list(state["jobs"]) == [job]


def test_a_wrong_password_is_reported_in_one_sentence(url: str, credentials: dict[str, Any]) -> None:
    wrong = {"username": credentials["username"], "password": "wrong"}

    with requests.Session() as http, pytest.raises(StepFailed, match="refused user name and password"):
        ConsoleSession(url, lambda: wrong, http=http, clock=NoWait()).list_items("/projects")


def replication_settings(subnet_id: str) -> ReplicationSettings:
    return ReplicationSettings(subnet_id=subnet_id, security_group_ids=(), use_private_ip=True)


def test_an_unknown_staging_subnet_is_rejected(provider: CloudEndure) -> None:
    with pytest.raises(StepFailed, match="does not exist"):
        provider.configure_replication(replication_settings("subnet-x"))
    assert provider.configure_replication(replication_settings("subnet-1"))["subnetId"] == "subnet-1"


def test_the_client_follows_a_redirect_of_its_login(url: str, console: Console, credentials: dict[str, Any], machine: str) -> None:  # fmt: skip
    console.faults.inject({"kind": "redirect"})
    user = {key: credentials[key] for key in ("username", "password")}
    with requests.Session() as http:
        session = ConsoleSession(url, lambda: user, http=http, clock=NoWait())
        found = CloudEndure(session, credentials["project_name"], clock=NoWait()).find_source_server("gogs")
    assert found.source_server_id == machine
