"""The same handles on the simulator of each provider, so that one test can be read for both."""

from __future__ import annotations

from typing import Any, Protocol

import requests
from common.clients.cloudendure import CloudEndure, ConsoleSession
from common.clients.provider import Provider
from common.settings import LaunchSettings

from tests.unit.mgn.conftest import Stage as Account
from tests.unit.mgn.wire import ApiError, LostAnswer
from tests.unit.procedure.clock import FakeClock
from tests.unit.providers.contract.console_simulator import URL, ConsoleSimulator

NAME = "gogs"
PLACE = LaunchSettings(
    subnet_id="subnet-11111111", security_group_ids=("sg-11111111",), instance_profile="cutover-replica"
)


class Stage(Protocol):
    """One provider with one source server, `gogs`, that is ready."""

    clock: FakeClock
    server_id: str
    provider: Provider

    def end(self, job_id: str) -> None:
        """Let the job end."""
        ...

    def set_capacity(self, there: bool) -> None:
        """Whether launches succeed."""
        ...

    def lose_next_response(self) -> None:
        """The next launch is started, and its response does not arrive."""
        ...

    def be_busy(self) -> None:
        """Answer nothing but that the service is busy."""
        ...

    def stop_replication(self) -> None:
        """As an operator does it."""
        ...

    def add_backlog(self) -> None: ...

    def count_launches(self) -> int: ...

    def running(self) -> dict[str, dict[str, str]]:
        """Tags of the running instances, by id."""
        ...


class CloudEndureStage:
    def __init__(self) -> None:
        self.clock, self.server_id = FakeClock(), "m-1"
        self.console = ConsoleSimulator(self.clock)
        http = requests.Session()
        http.mount(URL, self.console)
        user = {"username": "demo", "password": "demo"}
        session = ConsoleSession(URL, lambda: user, http=http, clock=self.clock)
        self.provider: Provider = CloudEndure(session, "Demo", clock=self.clock)

    def end(self, job_id: str) -> None:
        self.console.end(job_id)

    def set_capacity(self, there: bool) -> None:
        self.console.capacity = there

    def lose_next_response(self) -> None:
        self.console.lose = True

    def be_busy(self) -> None:
        self.console.busy = 99

    def stop_replication(self) -> None:
        self.console.machine["replicationStatus"] = "STOPPED"

    def add_backlog(self) -> None:
        self.console.machine["replicationInfo"]["backloggedStorageBytes"] = 7

    def count_launches(self) -> int:
        return sum(job["type"].endswith("_LAUNCH") for job in self.console.jobs.values())

    def running(self) -> dict[str, dict[str, str]]:
        return dict(self.console.instances)


class MgnStage:
    def __init__(self) -> None:
        self.account = Account()
        self.clock, self.server_id = self.account.clock, self.account.server_id
        self.provider: Provider = self.account.connect()

    def end(self, job_id: str) -> None:
        if job_id in self.account.mgn.jobs:
            self.account.mgn.end(job_id)

    def set_capacity(self, there: bool) -> None:
        self.account.mgn.capacity = there

    def lose_next_response(self) -> None:
        for operation in ("StartTest", "StartCutover"):
            self.account.mgn.faults[operation] = [LostAnswer()]

    def be_busy(self) -> None:
        operations = [
            name.removeprefix("_") for name in dir(self.account.mgn) if name[:1] == "_" and name[1:2].isupper()
        ]
        for operation in operations:
            self.account.mgn.faults[operation] = [ApiError("InternalServerException", "busy", 503) for _ in range(99)]

    def stop_replication(self) -> None:
        self._server()["dataReplicationState"] = "STOPPED"

    def add_backlog(self) -> None:
        self._server()["replicatedDisks"][0]["backloggedStorageBytes"] = 7

    def _server(self) -> dict[str, Any]:
        found: dict[str, Any] = self.account.mgn.servers[self.server_id]["dataReplicationInfo"]
        return found

    def count_launches(self) -> int:
        return sum(job["type"] == "LAUNCH" for job in self.account.mgn.jobs.values())

    def running(self) -> dict[str, dict[str, str]]:
        return {one: self.account.ec2.get_tags(one) for one in self.account.ec2.list_running()}
