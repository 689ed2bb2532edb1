"""Commands of Run Command, and the invocation of each on one machine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Status = Literal["Pending", "InProgress", "Success", "Failed", "TimedOut", "Cancelled", "Undeliverable", "Cancelling"]
STDOUT_LIMIT, STDERR_LIMIT = 24000, 8000
"""characters that GetCommandInvocation returns"""
TERMINAL: frozenset[Status] = frozenset({"Success", "Failed", "TimedOut", "Cancelled", "Undeliverable"})


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
    unit: str = field(default_factory=lambda: f"ssm-{uuid.uuid4().hex}.service")


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
