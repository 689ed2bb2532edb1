"""Source servers, jobs and templates as MGN keeps them, and the rules of the life cycle."""

from __future__ import annotations

import hashlib
import secrets
import string
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from rehearsal.aws.mgn import exceptions
from rehearsal.replication_engine.dates import now
from rehearsal.replication_engine.ledger import build_record
from rehearsal.replication_engine.ports import Record
from rehearsal.settings import ACCOUNT, REGION

Json = dict[str, Any]
LifeCycleState = Literal[
    "NOT_READY", "READY_FOR_TEST", "TESTING", "READY_FOR_CUTOVER", "CUTTING_OVER", "CUTOVER", "DISCONNECTED"
]
Replication = Literal["STARTED", "PAUSED", "STOPPED", "DISCONNECTED"]
Initiator = Literal["START_TEST", "START_CUTOVER", "TERMINATE"]
JobStatus = Literal["PENDING", "STARTED", "COMPLETED"]
LaunchStatus = Literal["PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED"]
FirstBoot = Literal["WAITING", "SUCCEEDED", "STOPPED"]
STEPS = (
    "WAIT",
    "CREATE_SECURITY_GROUP",
    "LAUNCH_REPLICATION_SERVER",
    "BOOT_REPLICATION_SERVER",
    "AUTHENTICATE_WITH_SERVICE",
    "DOWNLOAD_REPLICATION_SOFTWARE",
    "CREATE_STAGING_DISKS",
    "ATTACH_STAGING_DISKS",
    "PAIR_REPLICATION_SERVER_WITH_AGENT",
    "CONNECT_AGENT_TO_REPLICATION_SERVER",
    "START_DATA_TRANSFER",
)
"""Initiation of replication, in this order."""
STARTS_FROM: dict[Initiator, tuple[LifeCycleState, ...]] = {
    "START_TEST": ("READY_FOR_TEST", "TESTING"),
    "START_CUTOVER": ("READY_FOR_CUTOVER", "CUTTING_OVER"),
}
CHANGES_FROM: dict[str, tuple[LifeCycleState, ...]] = {
    "READY_FOR_TEST": ("TESTING", "READY_FOR_CUTOVER", "CUTTING_OVER"),
    "READY_FOR_CUTOVER": ("READY_FOR_TEST", "TESTING", "CUTTING_OVER"),
    "CUTOVER": ("CUTTING_OVER",),
}
"""ChangeServerLifeCycleState: wanted state -> states that it accepts"""
NO_TERMINATION_IN: tuple[LifeCycleState, ...] = ("TESTING", "CUTTING_OVER", "CUTOVER")
ENDED: tuple[LifeCycleState, ...] = ("CUTOVER", "DISCONNECTED")
_ALPHABET = string.ascii_lowercase + string.digits


def generate_id(kind: str) -> str:
    """Return an id as MGN makes them: a prefix and seventeen characters."""
    return f"{kind}-{''.join(secrets.choice(_ALPHABET) for _ in range(17))}"


def hash_secret(secret: str) -> str:
    """Return the hash of a secret. Secrets here are long and random, so a plain hash keeps them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def format_arn(kind: str, identifier: str) -> str:
    """Return the ARN of a resource of MGN."""
    return f"arn:aws:mgn:{REGION}:{ACCOUNT}:{kind}/{identifier}"


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
    """told to the agent with its next heartbeat"""

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
    def instance_id(self) -> str:
        """Return the EC2 instance that the agent runs on; empty when it is none."""
        return str(self.hints.get("awsInstanceID", ""))

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


class State:
    """All records. Whoever reads or changes them holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.initialized = False
        self.servers: dict[str, SourceServer] = {}
        self.jobs: dict[str, Job] = {}
        self.replication_templates: dict[str, Template] = {}
        self.launch_templates: dict[str, Template] = {}

    def get_server(self, identifier: str) -> SourceServer:
        """Return a server. Raises ApiError: not initialized, not found."""
        self.require_initialized()
        if identifier not in self.servers:
            raise exceptions.not_found("SOURCE_SERVER", identifier)
        return self.servers[identifier]

    def get_job(self, identifier: str) -> Job:
        """Return a job. Raises ApiError: not initialized, not found."""
        self.require_initialized()
        if identifier not in self.jobs:
            raise exceptions.not_found("JOB", identifier)
        return self.jobs[identifier]

    def require_initialized(self) -> None:
        """Raise ApiError before InitializeService."""
        if not self.initialized:
            raise exceptions.uninitialized()

    def find_active_job(self, servers: Collection[str]) -> Job | None:
        """Return a job that works on one of the servers."""
        return next(
            (
                job
                for job in self.jobs.values()
                if job.is_active and any(one.server_id in servers for one in job.participants)
            ),
            None,
        )
