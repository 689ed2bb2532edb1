"""Database instances of RDS and their snapshots."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rehearsal.aws.network.endpoints import Endpoint
from rehearsal.aws.registry import Properties
from rehearsal.settings import ACCOUNT, REGION


@dataclass
class Database:
    """A database instance. `properties` are those of AWS::RDS::DBInstance. `endpoint.name` is its machine, whatever its identifier."""

    id: str
    endpoint: Endpoint
    address: str
    port: int
    properties: Properties
    status: str = "creating"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    resource: str = field(default_factory=lambda: f"db-{secrets.token_hex(13).upper()}")

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{self.id}"


@dataclass
class Snapshot:
    """A manual snapshot. It outlives its instance, so it keeps what a restore needs: `properties` of the instance and its `disk`."""

    id: str
    database_id: str
    resource: str
    properties: Mapping[str, Any]
    port: int
    zone: str
    vpc_id: str
    disk: Path
    database_created: datetime
    tags: tuple[Mapping[str, str], ...] = ()
    status: str = "creating"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:{self.id}"


def is_set(properties: Mapping[str, Any], name: str) -> bool:
    """Return whether a property is true. Templates have booleans and texts."""
    return str(properties.get(name, "false")).lower() == "true"
