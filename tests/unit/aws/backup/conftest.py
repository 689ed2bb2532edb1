"""AWS Backup over folders: the file systems are folders, and the roles are texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from rehearsal.aws.backup import exceptions
from rehearsal.aws.backup.api import BackupApi
from rehearsal.aws.backup.jobs import Jobs
from rehearsal.aws.backup.models import build_file_system_arn
from rehearsal.aws.backup.roles import INSUFFICIENT, Roles
from rehearsal.aws.backup.vaults import Vaults
from rehearsal.aws.clients import Clients
from rehearsal.aws.efs import FileSystems
from rehearsal.aws.registry import Registry
from tests.waiting import wait_until

FILES = build_file_system_arn("fs-1")
BACKUP_ROLE, RESTORE_ROLE, STRANGER = "backup", "restore", "stranger"
ALLOWED = {
    BACKUP_ROLE: {"elasticfilesystem:Backup"},
    RESTORE_ROLE: {"elasticfilesystem:Restore", "elasticfilesystem:CreateFileSystem"},
}
METADATA = {
    "file-system-id": "fs-1",
    "Encrypted": "true",
    "PerformanceMode": "generalPurpose",
    "CreationToken": "restore-1",
    "newFileSystem": "false",
}


class Ministack:
    """The records of ministack."""

    def __init__(self) -> None:
        self.vaults: dict[str, Any] = {}
        self.backup_policies: dict[str, Any] = {}

    def get_records(self, _: str, store: str) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", getattr(self, store))

    def get_function(self, _: str, name: str) -> Callable[..., Any]:
        return {"_create_vault": self.vaults.__setitem__, "_delete_vault": self.vaults.pop}[name]

    def wrap_type(self, *_: Any, **__: Any) -> None:
        pass

    def register_actions(self, *_: Any, **__: Any) -> None:
        pass


class Folders:
    """The file systems of EFS, and its API."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, _: str) -> Folders:
        return self

    def locate(self, identifier: str) -> Path | None:
        return self.folder / identifier if (self.folder / identifier).is_dir() else None

    def create_file_system(self, **_: Any) -> Any:
        (self.folder / "fs-2").mkdir()
        return {"FileSystemId": "fs-2"}


class Permissions:
    """The roles of ALLOWED."""

    def require_trust(self, role_arn: str) -> None:
        if role_arn not in ALLOWED:
            raise exceptions.invalid_parameter(f"IAM Role {role_arn} cannot be assumed by AWS Backup")

    def find_problem(self, role_arn: str, actions: list[str], resource: str) -> str:
        assert resource.startswith("arn:aws:elasticfilesystem:")
        return "" if ALLOWED[role_arn] >= {*actions} else INSUFFICIENT


class Backup:
    """The API, with a file system `fs-1` and a vault `own`."""

    def __init__(self, folder: Path) -> None:
        self.files, self.ministack = Folders(folder / "efs"), Ministack()
        (folder / "efs/fs-1/live").mkdir(parents=True)
        (folder / "efs/fs-1/live/file").write_text("first")
        (folder / "efs/fs-1/scratch").mkdir()
        self.ministack.vaults["own"] = {}
        registry = cast("Registry", self.ministack)
        jobs = Jobs(
            cast("FileSystems", self.files),
            cast("Roles", Permissions()),
            cast("Clients", self.files),
            folder / "backups",
        )
        self.api = BackupApi(registry, Vaults(registry), jobs)

    def back_up(self, vault: str = "own", role: str = BACKUP_ROLE) -> Mapping[str, Any]:
        """Run a backup job and return its description."""
        started = self.api.start_backup(vault, FILES, role)["BackupJobId"]
        wait_until(lambda: self.api.describe_backup(started)["State"] != "RUNNING")
        return self.api.describe_backup(started)

    def restore(self, point: str, role: str = RESTORE_ROLE, **more: str) -> Mapping[str, Any]:
        """Run a restore job and return its description."""
        started = self.api.start_restore(point, {**METADATA, **more}, role)["RestoreJobId"]
        wait_until(lambda: self.api.describe_restore(started)["Status"] != "RUNNING")
        return self.api.describe_restore(started)


@pytest.fixture
def backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backup:
    # The folder of the tests may lie on a file system without reflinks.
    monkeypatch.setattr("rehearsal.aws.backup.jobs.REFLINK", "auto")
    return Backup(tmp_path)
