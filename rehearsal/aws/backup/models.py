"""Recovery points of file systems, and the jobs of AWS Backup."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rehearsal.settings import ACCOUNT, REGION

AUTOMATIC_VAULT = "aws/efs/automatic-backup-vault"
"""EFS makes it for file systems with automatic backups: https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html"""
State = Literal["RUNNING", "COMPLETED", "FAILED"]


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def _make_id() -> str:
    return str(uuid.uuid4()).upper()


@dataclass
class RecoveryPoint:
    """A backup of a file system. `folder` has a copy of its tree, which is not of one point in time, as on AWS. It lies in `parent`."""

    vault: str
    file_system_id: str
    role_arn: str
    parent: Path
    id: str = field(default_factory=_make_id)
    created: datetime = field(default_factory=now)
    completed: datetime | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of the copy."""
        return self.parent / self.id

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{self.id}"

    @property
    def resource_arn(self) -> str:
        """Return the ARN of the file system."""
        return build_file_system_arn(self.file_system_id)


@dataclass
class Job:
    """A backup job or a restore job. `message`: why it failed. `created_arn`: of a restore, the file system with the restored files."""

    point: RecoveryPoint
    role_arn: str
    id: str = field(default_factory=_make_id)
    state: State = "RUNNING"
    message: str = ""
    created_arn: str = ""
    created: datetime = field(default_factory=now)
    ended: datetime | None = None

    def end(self, message: str = "") -> None:
        """End it, as failed if there is a message."""
        self.ended, self.message = now(), message
        self.state = "FAILED" if message else "COMPLETED"


def build_vault_arn(name: str) -> str:
    """Return the ARN of a vault."""
    return f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{name}"


def build_file_system_arn(identifier: str) -> str:
    """Return the ARN of a file system."""
    return f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{identifier}"
