"""Instances, images and snapshots as the API shows them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rehearsal.aws.ec2.profiles import Profile
from rehearsal.aws.network.endpoints import Endpoint

State = Literal["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]
CODES: Mapping[str, int] = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}


def generate_id(kind: str) -> str:
    """Return an id as EC2 makes them: seventeen hexadecimal digits."""
    return f"{kind}-0{secrets.token_hex(8)}"


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass
class Instance:
    """One instance. `state` changes under `lock` only; whoever holds it has the machine to itself."""

    id: str
    image_id: str
    type: str
    endpoint: Endpoint
    volume_id: str
    root_device: str
    profile: Profile | None = None
    user_data: bytes | None = None
    key_name: str | None = None
    metadata_options: dict[str, Any] = field(default_factory=dict)
    state: State = "pending"
    reason: str = ""
    launched: datetime = field(default_factory=now)
    ended: datetime | None = None
    monitoring: bool = False
    protected: bool = False
    shutdown_behavior: str = "stop"
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def alive(self) -> bool:
        """Return whether it is neither terminated nor about to be."""
        return self.state not in ("shutting-down", "terminated")


@dataclass
class Snapshot:
    """The blocks are in <pool>/snapshots/<id>.raw; `has_blocks` is False for one of a volume that nobody wrote."""

    id: str
    volume_id: str
    size: int
    """GiB"""
    description: str = ""
    state: Literal["pending", "completed", "error"] = "completed"
    started: datetime = field(default_factory=now)
    has_blocks: bool = True


@dataclass
class Image:
    """An AMI. `disk` holds the blocks that its instances start from."""

    id: str
    name: str
    disk: Path
    owner: str
    size: int
    """GiB"""
    root_device: str = "/dev/xvda"
    snapshot_id: str | None = None
    description: str = ""
    state: Literal["pending", "available", "failed"] = "available"
    reason: str = ""
    public: bool = False
    source_instance: str | None = None
    created: datetime = field(default_factory=now)
