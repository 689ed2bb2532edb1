"""A client that implements the protocol directly, and fakes of the cloud and of source disks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rehearsal.replication_engine.cloud import CloudError, Instance, Target
from rehearsal.replication_engine.source import SourceMissing
from rehearsal.world.disks import Range


class Client:
    """Keep the path prefix of the login and send the XSRF token back, as the published clients do."""

    def __init__(self, http: FlaskClient, credentials: dict[str, Any], prefix: str = "/api/v5") -> None:
        self.http, self.credentials, self.prefix = http, credentials, prefix
        self.headers: dict[str, str] = {}

    def login(self, body: dict[str, str] | None = None) -> TestResponse:
        user = {key: self.credentials[key] for key in ("username", "password")}
        response = self.http.post(f"{self.prefix}/login", json=body or user)
        token = next(
            (c.partition(";")[0].partition("=")[2] for c in cookies(response) if c.startswith("XSRF-TOKEN=")), ""
        )
        self.headers = {"X-XSRF-TOKEN": token.strip('"').removesuffix("\\012")}
        return response

    def __call__(self, method: str, path: str, body: object = None, **query: str) -> TestResponse:
        url = self.prefix + path.replace("{projectId}", self.credentials["project_id"])
        return self.http.open(url, method=method, json=body, query_string=query, headers=self.headers)

    def in_project(self, method: str, path: str, body: object = None, **query: str) -> TestResponse:
        return self(method, "/projects/{projectId}" + path, body, **query)

    def install_agent(self, name: str = "gogs", instance: str = "i-1", *addresses: str) -> dict[str, Any]:
        """Register a machine as the agent does. Return the response."""
        properties = {
            "name": name,
            "machineCloudId": instance,
            "addresses": list(addresses),
            "os": "Debian GNU/Linux 12 (bookworm)",
            "publicIps": [],
            "disks": [{"name": "/dev/xvda", "size": 8 << 30}],
        }
        token = self.credentials["agent_installation_token"]
        body = {"installationToken": token, "identity": f"id-{name}", "properties": properties}
        response = self.http.post("/agent/v1/register", json=body)
        assert response.status_code == 201, response.text
        return dict(response.json or {})


def cookies(response: TestResponse) -> list[str]:
    return response.headers.getlist("Set-Cookie")


class NoDisk:
    """A source whose disk is not readable."""

    def recover(self) -> None: ...

    def read_size(self) -> int:
        raise SourceMissing("The machine does not run.")

    def list_changes_since(self, base: Path) -> list[Range]:
        raise SourceMissing(f"The machine does not run: {base}")

    def snapshot(self, target: Path) -> float:
        raise SourceMissing(f"The machine does not run: {target}")


class FakeCloud:
    """A cloud with the subnet subnet-1 and the group sg-1. Records the images and targets that were requested."""

    def __init__(self) -> None:
        self.instances: dict[str, Instance] = {"i-1": Instance("i-1", "running", "t3.medium", "10.10.1.5", [])}
        self.images: list[str] = []
        self.targets: list[Target] = []

    def check_network(self, subnet: str, security_groups: Sequence[str]) -> None:
        if subnet not in ("", "subnet-1"):
            raise CloudError(f"The subnet ID '{subnet}' does not exist")
        for group in security_groups:
            if group != "sg-1":
                raise CloudError(f"The security group '{group}' does not exist")

    def make_image(self, name: str, disk: Path) -> str:
        assert disk.exists()
        self.images.append(name)
        return f"ami-{len(self.images)}"

    def drop_image(self, image: str) -> None:
        self.images.remove(next(name for name in self.images if image))

    def run(self, image: str, target: Target) -> str:
        assert image
        self.targets.append(target)
        id_ = f"i-target-{len(self.targets)}"
        self.instances[id_] = Instance(id_, "running", target.instance_type, "10.0.1.5", [])
        return id_

    def find_instance(self, id_: str) -> Instance | None:
        return self.instances.get(id_)

    def stop(self, id_: str) -> None:
        found = self.instances[id_]
        self.instances[id_] = Instance(id_, "stopped", found.instance_type, found.private_ip, [])

    def terminate(self, id_: str) -> None:
        self.instances.pop(id_, None)
