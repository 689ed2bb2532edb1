"""One local AWS with MGN for all tests of this folder, asked by boto3. Each test has source servers of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client as faults
from rehearsal.aws.mgn.downloads import HOSTS, KEY
from rehearsal.aws.mgn.roles import create_service_roles
from rehearsal.component import HEALTH
from rehearsal.settings import Settings
from tests.roles import role_for
from tests.unit.aws.mgn.source_servers import (
    TEMPLATE,
    Register,
    Server,
    registration,
    send_registration,
)
from tests.waiting import wait_until

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("mgn")
    environment = {
        **{key: value for key, value in os.environ.items() if key != "REHEARSAL_LATENCY"},
        "REHEARSAL_PORT": str(port),
        "REHEARSAL_HOME": str(home),
        "LOG_LEVEL": "ERROR",
    }
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.aws.mgn.emulator"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )

    def is_served(url: str) -> bool:
        assert process.poll() is None, (home / "log").read_text()
        try:
            return requests.get(url, timeout=1).ok
        except requests.ConnectionError:
            return False

    made = Settings.load(environment)
    try:
        wait_until(lambda: is_served(made.aws_url + HEALTH), "the local AWS", seconds=60, interval_seconds=0.1)
        yield made
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def aws(settings: Settings) -> Clients:
    return Clients(settings)


@pytest.fixture(scope="session")
def downloads_before_initialization(settings: Settings) -> dict[str, bytes]:
    """What the buckets of the installer return by host name before InitializeService."""
    urls = dict(zip(HOSTS, (f"/{KEY}", f"/{KEY}.sha512"), strict=True))
    return {
        host: requests.get(settings.aws_url + path, headers={"Host": host}, timeout=20).content
        for host, path in urls.items()
    }


@pytest.fixture(scope="session")
def early_registrations() -> dict[str, requests.Response]:
    """What agents are answered before the account has both templates, by what is missing; filled before the service is ready."""
    return {}


@pytest.fixture(scope="session")
def refusals_before_initialization(
    settings: Settings,
    aws: Clients,
    downloads_before_initialization: dict[str, bytes],
    early_registrations: dict[str, requests.Response],
) -> dict[str, ClientError]:
    """What MGN answers before InitializeService; the service is initialized and has a replication template afterwards."""
    assert downloads_before_initialization
    calls: dict[str, dict[str, Any]] = {
        "DescribeSourceServers": {},
        "DescribeJobs": {},
        "StartTest": {"sourceServerIDs": ["s-00000000000000000"]},
        "GetLaunchConfiguration": {"sourceServerID": "s-00000000000000000"},
        "CreateReplicationConfigurationTemplate": {**TEMPLATE, "stagingAreaSubnetId": subnet_of(aws)},
    }
    refused = {}
    for name, arguments in calls.items():
        with pytest.raises(ClientError) as caught:
            aws("mgn")._make_api_call(name, arguments)
        refused[name] = caught.value
    create_service_roles(aws("iam"))
    aws("mgn").initialize_service()
    early_registrations["no template"] = send_registration(settings, registration("early"))
    aws("mgn").create_replication_configuration_template(stagingAreaSubnetId=subnet_of(aws), **TEMPLATE)
    early_registrations["no launch template"] = send_registration(settings, registration("early"))
    aws("mgn").create_launch_configuration_template()
    return refused


@pytest.fixture
def mgn(aws: Clients, refusals_before_initialization: object) -> Any:
    """A client of MGN, which is initialized."""
    assert refusals_before_initialization
    return aws("mgn")


@pytest.fixture(autouse=True)
def nothing_ordered(settings: Settings) -> Iterator[None]:
    yield
    faults.clear_faults(settings)


@pytest.fixture(scope="session")
def subnet(aws: Clients) -> str:
    return subnet_of(aws)


@pytest.fixture
def replica_profile(aws: Clients) -> str:
    """Return the name of an instance profile for replicas, with a role of its own."""
    name = f"replica-{secrets.token_hex(4)}"
    role_for(aws, name, "ec2.amazonaws.com")
    aws("iam").create_instance_profile(InstanceProfileName=name)
    aws("iam").add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


def subnet_of(aws: Clients) -> str:
    return str(aws("ec2").describe_subnets()["Subnets"][0]["SubnetId"])


@pytest.fixture
def register(mgn: Any, aws: Clients, settings: Settings) -> Register:
    """Registers an agent as the installer does. `ready=False`: as it is then, not when it can be launched."""
    del mgn

    def registered(hostname: str = "", *, ready: bool = True, **more: Any) -> Server:
        name = hostname or f"host-{secrets.token_hex(4)}"
        answer = send_registration(settings, registration(name, **more))
        assert answer.status_code == 200, answer.text
        made = answer.json()
        server = Server(made["sourceServerID"], made["agentKey"], aws, settings.aws_url)
        if ready:
            wait_until(lambda: server.state == "READY_FOR_TEST", f"{name} is ready")
        return server

    return registered


@pytest.fixture
def server(register: Register) -> Server:
    return register()
