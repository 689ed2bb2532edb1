"""A CloudEndure console in memory, as much of it as the client uses. A job stands still until a test lets it end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from tests.unit.procedure.clock import FakeClock

URL = "https://console.example.com"
PREFIX = "/api/latest"


@dataclass
class Answer(Exception):
    status: int
    body: dict[str, Any]


@dataclass
class ConsoleSimulator(BaseAdapter):
    """One project with one machine. To be mounted in a requests.Session."""

    clock: FakeClock
    machine: dict[str, Any] = field(default_factory=dict)
    blueprint: dict[str, Any] = field(default_factory=dict)
    configurations: list[dict[str, Any]] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    instances: dict[str, dict[str, str]] = field(default_factory=dict)
    """tags of the running instances"""
    replicas: dict[str, str] = field(default_factory=dict)
    capacity: bool = True
    lose: bool = False
    """the next launch is done, and its response does not arrive"""
    busy: int = 0
    """how often the console answers 503"""

    def __post_init__(self) -> None:
        super().__init__()
        self.machine = {
            "id": "m-1",
            "sourceProperties": {"name": "gogs"},
            "isAgentInstalled": True,
            "replicationStatus": "STARTED",
            "replicationInfo": {"totalStorageBytes": 8, "replicatedStorageBytes": 8, "lastConsistencyDateTime": self.now()},
            "lifeCycle": {},
        }  # fmt: skip
        self.blueprint = {"id": "b-1", "machineId": "m-1", "disks": [{"name": "/dev/xvda"}], "tags": []}

    def now(self) -> str:
        return datetime.fromtimestamp(self.clock.now(), tz=UTC).isoformat()

    def end(self, job_id: str) -> None:
        """Let a job do its work and end."""
        job = self.jobs[job_id]
        if replica := self.machine.pop("replica", ""):
            self.instances.pop(self.replicas.pop(replica), None)
        if job["type"].endswith("_LAUNCH"):
            if not self.capacity:
                job |= {"status": "FAILED", "log": [{"message": "Insufficient capacity"}]}
                return
            number = len(self.jobs)
            instance, self.machine["replica"] = f"i-{number:017d}", f"r-{number}"
            self.replicas[self.machine["replica"]] = instance
            self.instances[instance] = {tag["key"]: tag["value"] for tag in self.blueprint["tags"]}
            if job["type"] == "TEST_LAUNCH":
                self.machine["lifeCycle"]["lastTestLaunchDateTime"] = self.now()
        job |= {"status": "COMPLETED", "log": [{"message": "Job completed"}]}

    # -- transport -----------------------------------------------------------------
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body: Any = request.body or b"null"
        try:
            result = self._respond(
                str(request.method), urlsplit(str(request.url)).path.removeprefix(PREFIX), json.loads(body)
            )
        except Answer as failed:
            result = failed
        response = requests.Response()
        response.status_code, response.request, response.url = result.status, request, str(request.url)
        response._content = json.dumps(result.body).encode()
        return response

    def close(self) -> None: ...

    def _respond(self, method: str, path: str, body: Any) -> Answer:
        if path == "/login":
            return Answer(200, {})
        if self.busy:
            self.busy -= 1
            raise Answer(503, {"message": "busy"})
        project = "/projects/p-1"
        tail = path.removeprefix(project)
        routes: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "/projects"): lambda: self._items([{"id": "p-1", "name": "Demo"}]),
            ("GET", "/machines"): lambda: self._items([self.machine]),
            ("GET", "/machines/m-1"): lambda: self.machine,
            ("GET", "/blueprints"): lambda: self._items([self.blueprint]),
            ("PATCH", "/blueprints/b-1"): lambda: self._patch(self.blueprint, body),
            ("GET", "/jobs"): lambda: self._items(list(reversed(self.jobs.values()))),
            ("POST", "/launchMachines"): lambda: self._launch(body),
            ("DELETE", "/replicas"): lambda: self._add_job("CLEANUP"),
            ("GET", "/replicationConfigurations"): lambda: self._items(self.configurations),
            ("POST", "/replicationConfigurations"): lambda: self._configure(body),
        }
        if (method, tail) in routes:
            return Answer(200, routes[method, tail]())
        kind, _, name = tail.strip("/").partition("/")
        if kind == "jobs" and name in self.jobs:
            return Answer(200, self.jobs[name])
        if kind == "replicas" and name in self.replicas:
            return Answer(200, {"machineCloudId": self.replicas[name]})
        if kind == "replicationConfigurations" and method == "PATCH":
            return Answer(200, self._patch(self.configurations[0], body))
        raise Answer(404, {"message": f"no {method} {tail}"})

    @staticmethod
    def _items(items: list[dict[str, Any]]) -> dict[str, Any]:
        return {"items": items}

    @staticmethod
    def _patch(found: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        found |= body
        return found

    def _configure(self, body: dict[str, Any]) -> dict[str, Any]:
        self.configurations.append({"id": "c-1", **body})
        return self.configurations[-1]

    def _launch(self, body: dict[str, Any]) -> dict[str, Any]:
        job = self._add_job(f"{body['launchType']}_LAUNCH")
        if self.lose:
            self.lose = False
            raise Answer(500, {"message": "the response was lost"})
        return job

    def _add_job(self, job_type: str) -> dict[str, Any]:
        if any(job["status"] == "STARTED" for job in self.jobs.values()):
            raise Answer(409, {"message": "the machine has a job"})
        job_id = f"j-{len(self.jobs) + 1}"
        self.jobs[job_id] = {
            "id": job_id,
            "type": job_type,
            "status": "STARTED",
            "participatingMachines": ["m-1"],
            "creationDateTime": self.now(),
            "log": [],
        }
        return self.jobs[job_id]
