"""What DMS keeps: subnet groups, instances, certificates, endpoints, connections, tasks, assessment runs, events."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from rehearsal.dms.exceptions import invalid_parameter, not_found
from rehearsal.dms.mappings import Mappings
from rehearsal.dms.ports import Place, Subnet
from rehearsal.dms.task_settings import Settings
from rehearsal.settings import ACCOUNT, REGION

ENGINES = {"mysql": "MySQL", "mariadb": "MariaDB"}
"""engines of an endpoint and the names that people read"""


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def make_resource_id(chosen: str | None = None) -> str:
    """Return the end of an ARN: 26 letters and digits, or the ResourceIdentifier of the request."""
    return chosen or base64.b32encode(secrets.token_bytes(17)).decode().rstrip("=")[:26]


def format_arn(kind: str, identifier: str) -> str:
    """Return an ARN."""
    return f"arn:aws:dms:{REGION}:{ACCOUNT}:{kind}:{identifier}"


@dataclass
class SubnetGroup:
    """A replication subnet group."""

    id: str
    description: str
    subnets: list[Subnet]

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return format_arn("subgrp", self.id)


@dataclass
class Instance:
    """A replication instance."""

    arn: str
    id: str
    subnet_group: SubnetGroup
    place: Place
    groups: list[str]
    values: dict[str, Any]
    """What is only kept and shown: class, storage, engine version, …"""
    created: datetime = field(default_factory=now)

    @property
    def name(self) -> str:
        """Return the name of its namespace."""
        return "dms-" + self.arn.rpartition(":")[2].lower()[:12]


@dataclass(frozen=True)
class Certificate:
    """Certificates of authorities by which DMS checks the server of an endpoint. It never changes: another one has another ARN.

    `values`: what is only shown, read from the first of them.
    """

    arn: str
    id: str
    pem: str
    values: Mapping[str, Any]
    created: datetime = field(default_factory=now)


@dataclass
class Endpoint:
    """An endpoint. `values` are shown; the password is not among them.

    `certificate`: for the SSL modes that check the server.
    """

    arn: str
    id: str
    kind: str
    engine: str
    values: dict[str, Any]
    """As CreateEndpoint takes them, without the password."""
    password: str | None = field(default=None, repr=False)
    certificate: Certificate | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """Return the MySQL settings."""
        found: dict[str, Any] = self.values.get("MySQLSettings", {})
        return found


@dataclass
class Connection:
    """The last test of a connection from an instance to an endpoint."""

    instance: Instance
    endpoint: Endpoint
    status: str = "testing"
    message: str = ""


@dataclass
class Task:
    """A replication task. `report` is its engine's last one."""

    arn: str
    id: str
    source: Endpoint
    target: Endpoint
    instance: Instance
    migration: str
    mappings_text: str
    mappings: Mappings
    settings: Settings
    status: str = "creating"
    stop_reason: str | None = None
    failure: str | None = None
    created: datetime = field(default_factory=now)
    fresh_start: datetime | None = None
    started: datetime | None = None
    stopped: datetime | None = None
    report: dict[str, Any] = field(default_factory=dict)
    """the last report of the engine"""
    reloads: set[tuple[str, str]] = field(default_factory=set)

    @property
    def resource(self) -> str:
        """Return the last part of the ARN."""
        return self.arn.rpartition(":")[2]


@dataclass
class AssessmentRun:
    """A premigration assessment run."""

    arn: str
    name: str
    task: Task
    chosen: tuple[str, ...]
    role: str
    bucket: str
    folder: str | None
    created: datetime = field(default_factory=now)
    status: str = "running"
    failure: str | None = None
    results: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """Something that happened to an instance or a task."""

    kind: str
    source: str
    message: str
    categories: tuple[str, ...]
    date: datetime = field(default_factory=now)


class State:
    """Everything that there is. Hold `lock` while it is read or changed."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.subnet_groups: dict[str, SubnetGroup] = {}
        self.instances: dict[str, Instance] = {}
        self.certificates: dict[str, Certificate] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.connections: dict[tuple[str, str], Connection] = {}
        self.tasks: dict[str, Task] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.events: list[Event] = []

    def get_instance(self, found: str) -> Instance:
        """Return an instance by ARN. Raises ResourceNotFoundFault."""
        return _get(self.instances, found, "Replication instance")

    def get_certificate(self, found: str) -> Certificate:
        """Return a certificate by ARN. Raises ResourceNotFoundFault."""
        return _get(self.certificates, found, "Certificate")

    def get_endpoint(self, found: str) -> Endpoint:
        """Return an endpoint by ARN. Raises ResourceNotFoundFault."""
        return _get(self.endpoints, found, "Endpoint")

    def get_task(self, found: str) -> Task:
        """Return a task by ARN. Raises ResourceNotFoundFault."""
        return _get(self.tasks, found, "Replication task")

    def get_subnet_group(self, identifier: str) -> SubnetGroup:
        """Return a group by identifier. Raises ResourceNotFoundFault."""
        return _get(self.subnet_groups, identifier.lower(), "Replication subnet group")

    def add_event(self, kind: str, source: str, message: str, *categories: str) -> None:
        """Add an event."""
        self.events.append(Event(kind, source, message, categories))

    def has_resource(self, found: str) -> bool:
        """Return whether there is a resource with this ARN."""
        groups = {group.arn for group in self.subnet_groups.values()}
        others = (self.instances, self.certificates, self.endpoints, self.tasks)
        return found in groups or any(found in kept for kept in others)


Kept = TypeVar("Kept")


def _get(known: Mapping[str, Kept], key: str, what: str) -> Kept:
    if key not in known:
        raise not_found(f"{what} {key} not found.")
    return known[key]


def normalize_identifier(text: str, what: str) -> str:
    """Return an identifier in lower case, as DMS keeps it. Raises InvalidParameterValueException for one that DMS refuses."""
    valid = text[:1].isalpha() and all(part.isalnum() for part in text.split("-")) and text.isascii()
    if not valid or len(text) > 255:
        raise invalid_parameter(
            f"The parameter {what} must be provided and must not be blank, must begin with a letter, contain only ASCII"
            " letters, digits and hyphens, and must not end with a hyphen or contain two consecutive hyphens."
        )
    return text.lower()
