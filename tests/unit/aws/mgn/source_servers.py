"""Source servers of the local AWS: how an agent registers one, and what tests do with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rehearsal.aws.clients import Clients
from rehearsal.settings import REGION, Settings
from tests.waiting import wait_until

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


SIZE = 8 << 30


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
