"""Source servers, jobs and templates as MGN keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rehearsal.aws.mgn.identifiers import format_arn
from rehearsal.aws.mgn.life_cycle import (
    STEPS,
    FirstBoot,
    Initiator,
    JobStatus,
    LaunchStatus,
    LifeCycleState,
    Replication,
)
from rehearsal.replication_engine.dates import now
from rehearsal.replication_engine.ledger import build_record
from rehearsal.replication_engine.ports import Record

Json = dict[str, Any]


@dataclass
class Attempt:
    """What was done about a test or a cutover, with the dates of the calls."""

    initiated: tuple[datetime, str] | None = None
    """(time of the call, job)"""
    reverted: datetime | None = None
    finalized: datetime | None = None


@dataclass
class Launched:
    """The instance of the latest launch."""

    instance_id: str
    job_id: str


@dataclass
class SourceServer:
    """`properties` are sourceProperties, as the agent reported them. `record` is the replication engine's."""

    id: str
    identity: str
    """what the agent computes of the MAC address"""
    agent_key: str
    """digest of what the agent signs in with"""
    properties: Json
    tags: dict[str, str]
    user_provided_id: str
    replication_configuration: Json
    launch_configuration: Json
    launch_template_id: str = ""
    machine_id: str = ""
    """the machine of this world that the agent runs on; empty when it is none"""
    state: LifeCycleState = "NOT_READY"
    replication: Replication = "STARTED"
    steps: dict[str, str] = field(default_factory=lambda: dict.fromkeys(STEPS, "NOT_STARTED"))
    initiated: datetime | None = None
    failed_step: str = ""
    """of the latest initiation that ended, and why it failed"""
    failure: str = ""
    record: Record = field(default_factory=build_record)
    added: datetime = field(default_factory=now)
    first_byte: datetime | None = None
    seen: datetime = field(default_factory=now)
    last_test: Attempt = field(default_factory=Attempt)
    last_cutover: Attempt = field(default_factory=Attempt)
    launched: Launched | None = None
    report_token: str = ""
    """digest of what the instance of the latest launch signs its reports with"""
    first_boot: FirstBoot = "WAITING"
    """of that instance"""
    archived: bool = False
    is_stalled: bool = False
    must_uninstall: bool = False
    """sent to the agent with its next heartbeat"""

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return format_arn("source-server", self.id)

    @property
    def hints(self) -> Json:
        """Return what the server can be recognized by; any of it may be missing."""
        hints: Json = self.properties.get("identificationHints", {})
        return hints

    @property
    def names(self) -> list[str]:
        """Return what faults may name the server by."""
        return [name for name in (self.hints.get("hostname"), self.user_provided_id, self.id) if name]

    @property
    def is_launchable(self) -> bool:
        """Return whether there is a point in time to launch from: its lag is not null."""
        return self.replication in ("STARTED", "PAUSED") and "lastConsistent" in self.record

    def attempt(self, initiator: Initiator) -> Attempt:
        """Return what is kept of its last test or cutover."""
        return self.last_test if initiator == "START_TEST" else self.last_cutover


@dataclass
class Participant:
    """One server of a job."""

    server_id: str
    launch_status: LaunchStatus = "PENDING"
    instance_id: str = ""


@dataclass
class LogItem:
    """One event of a job's log."""

    event: str
    data: dict[str, Any]
    date: datetime = field(default_factory=now)


@dataclass
class Job:
    """One job. It counts for the quotas until it is COMPLETED."""

    id: str
    initiator: Initiator
    participants: list[Participant]
    tags: dict[str, str]
    status: JobStatus = "PENDING"
    created: datetime = field(default_factory=now)
    ended: datetime | None = None
    log: list[LogItem] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return format_arn("job", self.id)

    @property
    def is_active(self) -> bool:
        """Return whether it is PENDING or STARTED."""
        return self.status != "COMPLETED"


@dataclass
class Template:
    """A replication or launch configuration template."""

    id: str
    kind: str
    values: Json
    tags: dict[str, str]

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return format_arn(self.kind, self.id)
