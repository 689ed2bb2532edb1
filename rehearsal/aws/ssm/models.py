"""Commands of Run Command with the invocation of each on one machine, hybrid activations, and managed nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Status = Literal["Pending", "InProgress", "Success", "Failed", "TimedOut", "Cancelled", "Undeliverable", "Cancelling"]
STDOUT_LIMIT, STDERR_LIMIT = 24000, 8000
"""characters that GetCommandInvocation returns"""
TERMINAL: frozenset[Status] = frozenset({"Success", "Failed", "TimedOut", "Cancelled", "Undeliverable"})
HYBRID_PREFIX = "mi-"


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass
class Invocation:
    """One command on one machine."""

    command_id: str
    instance_id: str
    status: Status = "Pending"
    details: str = "Pending"
    code: int = -1
    stdout: str = ""
    stderr: str = ""
    started: datetime | None = None
    ended: datetime | None = None


@dataclass
class Command:
    """One command of Run Command. It may be delivered for `delivery_seconds`."""

    id: str
    document: str
    comment: str
    parameters: Mapping[str, Sequence[str]]
    delivery_seconds: int
    requested: datetime = field(default_factory=now)
    invocations: dict[str, Invocation] = field(default_factory=dict)


@dataclass
class Activation:
    """A hybrid activation: whoever has its id and its code may register `limit` machines until `expires`."""

    id: str
    code_hash: str
    role: str
    limit: int
    expires: datetime
    description: str = ""
    default_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    count: int = 0

    @property
    def is_expired(self) -> bool:
        """Return whether it is too late to register a machine with it."""
        return now() >= self.expires


@dataclass(frozen=True)
class AgentFacts:
    """What the agent of a machine reports about it at its registration."""

    fingerprint: str
    computer_name: str
    address: str
    platform_name: str = ""
    platform_version: str = ""


@dataclass
class HybridNode:
    """A machine that an agent has registered with an activation. `seen` is the time of its last heartbeat."""

    id: str
    activation_id: str
    role: str
    key_hash: str
    machine: str
    facts: AgentFacts
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    registered: datetime = field(default_factory=now)
    seen: datetime = field(default_factory=now)


@dataclass(frozen=True)
class ManagedNode:
    """A machine with an agent, in the terms of DescribeInstanceInformation. `machine` is its id in the world."""

    id: str
    machine: str
    online: bool
    seen: datetime
    computer_name: str
    address: str
    tags: Mapping[str, str]
    platform_name: str = "Debian GNU/Linux"
    platform_version: str = "12"
    hybrid: HybridNode | None = None

    @property
    def resource_type(self) -> str:
        """Return the kind of node in the terms of the API."""
        return "ManagedInstance" if self.hybrid else "EC2Instance"

    @property
    def ping_status(self) -> str:
        """Return whether the agent reports, in the terms of the API."""
        return "Online" if self.online else "ConnectionLost"
