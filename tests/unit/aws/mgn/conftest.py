"""One local AWS with MGN for all tests of this folder, asked by boto3. Each test has source servers of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client as faults
from rehearsal.aws.mgn.downloads import HOSTS, KEY
from rehearsal.aws.mgn.roles import create_service_roles
from rehearsal.component import HEALTH
from rehearsal.settings import REGION, Settings
from tests.roles import role_for
from tests.waiting import wait_until

ROOT = Path(__file__).parents[4]
SIZE = 8 << 30
TEMPLATE: dict[str, Any] = {
    "associateDefaultSecurityGroup": True,
    "replicationServersSecurityGroupsIDs": [],
    "replicationServerInstanceType": "t3.small",
    "useDedicatedReplicationServer": False,
    "defaultLargeStagingDiskType": "GP3",
    "ebsEncryption": "DEFAULT",
    "bandwidthThrottling": 0,
    "dataPlaneRouting": "PRIVATE_IP",
    "createPublicIP": False,
    "stagingAreaTags": {"project": "cutover"},
}


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


@dataclass(frozen=True)
class Server:
    """A source server, and what tests do with it."""

    id: str
    key: str
    aws: Clients
    url: str

    @property
    def mgn(self) -> Any:
        return self.aws("mgn")

    def describe(self) -> dict[str, Any]:
        (found,) = self.mgn.describe_source_servers(filters={"sourceServerIDs": [self.id]})["items"]
        return dict(found)

    @property
    def state(self) -> str:
        return str(self.describe()["lifeCycle"]["state"])

    def replication(self) -> dict[str, Any]:
        return dict(self.describe()["dataReplicationInfo"])

    def change(self, state: str) -> None:
        self.mgn.change_server_life_cycle_state(sourceServerID=self.id, lifeCycle={"state": state})

    @property
    def template(self) -> str:
        return str(self.mgn.get_launch_configuration(sourceServerID=self.id)["ec2LaunchTemplateID"])

    def template_data(self) -> dict[str, Any]:
        found = self.aws("ec2").describe_launch_template_versions(LaunchTemplateId=self.template, Versions=["$Default"])
        return dict(found["LaunchTemplateVersions"][0]["LaunchTemplateData"])

    def add_version(self, **data: Any) -> str:
        """A version over the default one; not the default itself."""
        default = self.aws("ec2").describe_launch_templates(LaunchTemplateIds=[self.template])["LaunchTemplates"][0]
        made = self.aws("ec2").create_launch_template_version(
            LaunchTemplateId=self.template,
            SourceVersion=str(default["DefaultVersionNumber"]),
            LaunchTemplateData=data,
        )
        return str(made["LaunchTemplateVersion"]["VersionNumber"])

    def make_default(self, version: str) -> None:
        self.aws("ec2").modify_launch_template(LaunchTemplateId=self.template, DefaultVersion=version)

    def place(self, subnet: str, **data: Any) -> None:
        """Give the launch template a subnet, so that it can be launched."""
        interfaces = [{"DeviceIndex": 0, "SubnetId": subnet}]
        self.make_default(self.add_version(NetworkInterfaces=interfaces, **data))

    def start(self, kind: str = "test") -> str:
        """Start a test or a cutover; returns the job's id."""
        return str(getattr(self.mgn, f"start_{kind}")(sourceServerIDs=[self.id])["job"]["jobID"])

    def launch(self, kind: str = "test") -> Job:
        return self.end_of(self.start(kind))

    def terminate(self) -> Job:
        return self.end_of(self.mgn.terminate_target_instances(sourceServerIDs=[self.id])["job"]["jobID"])

    def end_of(self, job_id: str) -> Job:
        def completed() -> dict[str, Any] | None:
            (job,) = self.mgn.describe_jobs(filters={"jobIDs": [job_id]})["items"]
            return dict(job) if job["status"] == "COMPLETED" else None

        job = wait_until(completed, f"the end of {job_id}")
        return Job(job, self.mgn.describe_job_log_items(jobID=job_id)["items"])

    def cut_over(self, subnet: str) -> Job:
        """Place it and launch the cutover."""
        self.place(subnet)
        self.change("READY_FOR_CUTOVER")
        return self.launch("cutover")


@dataclass(frozen=True)
class Job:
    """A job that has ended."""

    record: dict[str, Any]
    log: list[dict[str, Any]]

    @property
    def status(self) -> str:
        return str(self.record["participatingServers"][0]["launchStatus"])

    @property
    def instance(self) -> str:
        return str(self.record["participatingServers"][0]["launchedEc2InstanceID"])

    @property
    def events(self) -> list[str]:
        return [item["event"] for item in self.log]

    def error(self, event: str) -> str:
        return str(next(item["eventData"]["rawError"] for item in self.log if item["event"] == event))


Register = Callable[..., Server]
ROOT_KEYS = Credentials("test", "test")


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


def registration(hostname: str, *, instance: str = "i-0123456789abcdef0", **more: Any) -> dict[str, Any]:
    properties = {
        "identificationHints": {"hostname": hostname, "fqdn": f"{hostname}.example", "awsInstanceID": instance},
        "networkInterfaces": [{"macAddress": "0A-40-F1-E8-B2-2D", "ips": ["10.10.1.5"], "isPrimary": True}],
        "disks": [{"deviceName": "/dev/xvda", "bytes": SIZE}],
        "cpus": [{"cores": 2, "modelName": "x86_64"}],
        "ramBytes": 4 << 30,
        "os": {"fullString": "Linux version 6.1.0"},
        "recommendedInstanceType": "c5.large",
    }
    return {"identity": f"mac-{hostname}", "properties": properties, **more}


def send_registration(settings: Settings, body: object, keys: Credentials = ROOT_KEYS) -> requests.Response:
    """POST what no client of botocore has, signed as the installer signs it."""
    content = json.dumps(body).encode()
    request = AWSRequest(
        "POST", f"{settings.aws_url}/RegisterAgentForMgn", data=content, headers={"Content-Type": "application/json"}
    )
    SigV4Auth(keys, "mgn", REGION).add_auth(request)
    return requests.post(str(request.url), data=content, headers=dict(request.headers.items()), timeout=20)


@pytest.fixture
def server(register: Register) -> Server:
    return register()
