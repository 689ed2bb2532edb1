"""A world whose provider is MGN. Its jobs take the time that was measured, and it sends its events if a test wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.clients.mgn import Mgn
from common.clients.provider_events import QueuedProviderEvents
from common.clients.queue import Queue
from common.clients.reports import Message
from common.run import Run

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.event_queue import LAUNCH_RESULT, LIFE_CYCLE, URL, EventQueue
from tests.unit.procedure.world import World

SNAPSHOT, CONVERSION, LAUNCH = 44.0, 264.0, 337.0
SECONDS = {"LAUNCH": 649.0, "TERMINATE": 35.0}
"""of jobs that were measured. The phases of a launch are in it"""
INITIAL_SYNC_SECONDS = 226.0
BEGIN_SECONDS = 1.0
SendEvent = Callable[[EventQueue, str, str, dict[str, str]], None]
"""sends an event of a server, of a type, with a detail"""


def send(queue: EventQueue, server_id: str, kind: str, detail: dict[str, str]) -> None:
    queue.send(server_id, kind, detail)


@dataclass
class Phase:
    """What happens to a job, or to the initial sync, when its time has come."""

    at: float
    act: Callable[[], None]


class Service:
    """Begins and ends each job, and the initial sync, when its time has passed. `send_event` is called at the end of a launch and of the sync."""

    def __init__(self, stage: Stage, send_event: Callable[[str, dict[str, str]], None]) -> None:
        self._stage, self._send = stage, send_event
        self._phases: list[Phase] = []
        self._known: set[str] = set()
        self.seconds = dict(SECONDS)
        self.ended: dict[str, float] = {}
        """when each job ended"""
        self.early_seconds = 0.0
        """how long before its end a launch sends its event"""

    def due(self, until: float) -> float | None:
        for job_id, job in self._stage.mgn.jobs.items():
            if job_id not in self._known:
                self._known.add(job_id)
                self._schedule(job_id, job["type"])
        self._phases.sort(key=lambda one: one.at)
        return self._phases[0].at if self._phases and self._phases[0].at <= until else None

    def ring(self) -> None:
        self._phases.pop(0).act()

    def act_after(self, seconds: float, act: Callable[[], None]) -> None:
        """Let something else happen so long from now on."""
        self._phases.append(Phase(self._stage.clock.now() + seconds, act))

    def sync(self, seconds: float) -> None:
        """Let the initial sync of the server take so long from now on."""
        server = self._stage.mgn.servers[self._stage.server_id]
        server["lifeCycle"]["state"] = "NOT_READY"
        replication = dict(server["dataReplicationInfo"])
        server["dataReplicationInfo"] = {**replication, "dataReplicationState": "INITIAL_SYNC"}

        def end() -> None:
            server["lifeCycle"]["state"] = "READY_FOR_TEST"
            server["dataReplicationInfo"] = {**replication, "lastSnapshotDateTime": self._stage.mgn.now()}
            self._send(LIFE_CYCLE, {"state": "READY_FOR_TEST"})

        self._phases.append(Phase(self._stage.clock.now() + seconds, end))

    def _schedule(self, job_id: str, job_type: str) -> None:
        now = self._stage.clock.now()
        self._phases.append(Phase(now + BEGIN_SECONDS, lambda: self._stage.mgn.begin(job_id, after_seconds=0)))
        end = now + self.seconds[job_type]
        self._phases.append(Phase(end, lambda: self._end(job_id)))
        if job_type == "LAUNCH":
            kind = "TEST" if self._stage.mgn.jobs[job_id]["initiatedBy"] == "START_TEST" else "CUTOVER"
            detail = {"state": f"{kind}_LAUNCH_SUCCEEDED", "job-id": job_id}
            self._phases.append(Phase(end - self.early_seconds, lambda: self._send(LAUNCH_RESULT, detail)))

    def _end(self, job_id: str) -> None:
        self._stage.mgn.end(job_id, after_seconds=0)
        self.ended[job_id] = self._stage.clock.now()


class MgnWorld(World):
    """A world whose provider is MGN. Its replica reports when it runs."""

    def __init__(self, send_event: SendEvent | None = None, *, client_class: type[Mgn] = Mgn) -> None:
        """`send_event`: how an event is sent; without it, the site has no queue for events."""
        self._send_event, self._client_class = send_event, client_class
        super().__init__()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stage = Stage(self.clock, events_queue_url=URL if self._send_event else "")
        self.stage.mgn.servers[self.stage.server_id]["tags"]["Name"] = "gogs-app"
        (template,) = self.stage.ec2.templates
        self.stage.ec2.read_default(template)["NetworkInterfaces"][0]["Groups"] = ["sg-1"]
        self.stage.ec2.read_default(template)["IamInstanceProfile"] = {"Name": "cutover-replica"}
        self.queue = EventQueue(self.clock)
        if self._send_event:
            self.provider_events = QueuedProviderEvents(Queue(self.queue, URL), self.clock)  # type: ignore[arg-type]  # as much of it as is used
        self.service = Service(self.stage, self._send)
        self.clock.alarms.append(self.service)
        self._client = self.stage.connect(self._client_class)
        self._reported: set[str] = set()

    def _send(self, kind: str, detail: dict[str, str]) -> None:
        if self._send_event:
            self._send_event(self.queue, self.stage.server_id, kind, detail)

    def restart_function(self) -> None:
        """Begin with new clients, as a new process of the function has them."""
        self._client = self.stage.connect(self._client_class)
        if self._send_event:
            self.provider_events = QueuedProviderEvents(Queue(self.queue, URL), self.clock)  # type: ignore[arg-type]

    @property
    def provider(self) -> Mgn:
        return self._client

    def body(self, run: Run, **changes: Any) -> dict[str, Any]:
        return super().body(run, instance_id=self.stage.ec2.list_running()[0], **changes)

    def receive(self, *, wait_seconds: int) -> list[Message]:
        assert self.run is not None
        if self.stage.ec2.list_running() and self.run.run_id not in self._reported:
            self._reported.add(self.run.run_id)
            self.messages.append(Message(receipt="r", body=self.body(self.run)))
        return super().receive(wait_seconds=wait_seconds)

    @property
    def state(self) -> str:
        return self.stage.state
