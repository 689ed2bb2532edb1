"""Database instances of RDS."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rehearsal.aws.network.endpoints import Endpoint
from rehearsal.aws.registry import Properties
from rehearsal.settings import ACCOUNT, REGION


@dataclass
class Database:
    """A database instance. `properties` are those of AWS::RDS::DBInstance."""

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
