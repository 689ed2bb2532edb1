"""The interface of the local AWS to the world: facts about a machine, and the resolution of names. The AWS side implements `Provider`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of an instance role. Never logged."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: datetime


@dataclass(frozen=True)
class Identity:
    """What 169.254.169.254 answers to one machine."""

    instance_id: str
    image_id: str
    instance_type: str
    private_ip: str
    availability_zone: str
    region: str
    account_id: str
    mac: str = ""
    vpc_id: str = ""
    subnet_id: str = ""
    security_groups: tuple[str, ...] = ()
    public_ip: str | None = None
    user_data: bytes | None = None
    role: str | None = None
    instance_profile_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags as the metadata service shows them (only where InstanceMetadataTags is enabled: else leave it empty)."""
    local_hostname: str = ""


@dataclass(frozen=True)
class Answer:
    """One DNS answer: `kind` is the record type ("A", "CNAME", "TXT"), `values` its data."""

    kind: str
    values: Sequence[str]
    ttl: int = 5


class Provider(Protocol):
    """Called from threads of the owner; may block briefly (called in a thread pool), must be thread-safe."""

    def find_identity(self, endpoint: str) -> Identity | None:
        """Return the identity of this endpoint; None when it is no EC2 instance (metadata then returns 404)."""

    def find_credentials(self, endpoint: str) -> Credentials | None:
        """Return the credentials of the endpoint's role; None when it has none."""

    def resolve(self, name: str, kind: str, endpoint: str) -> list[Answer] | None:
        """Return the answer to a DNS query (`name` is in lower case without the last dot); None: NXDOMAIN; empty: no such record."""

    def record_machine_exit(self, machine: str) -> None:
        """Take note that a machine ended without a request (crash, poweroff from inside, `rehearsal kill`)."""
