"""Copy the tree of a file system into a recovery point, and back into a folder of a file system.

A restore never overwrites: the files appear in a new folder of the root, also in a file system that the job creates
(https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-efs.html).
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from botocore.exceptions import ClientError

from rehearsal.aws.backup import exceptions
from rehearsal.aws.backup.models import Job, RecoveryPoint, build_file_system_arn, now
from rehearsal.aws.backup.roles import BACKUP, CREATE, RESTORE, Roles
from rehearsal.aws.clients import Clients
from rehearsal.aws.efs import FileSystems

_log = logging.getLogger(__name__)
REFLINK = "always"
"""A copy shares its blocks, which the pool can do."""
KNOWN = {
    "file-system-id",
    "Encrypted",
    "KmsKeyId",
    "PerformanceMode",
    "CreationToken",
    "newFileSystem",
    "ItemsToRestore",
}
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartRestoreJob.html"""


class Jobs:
    """Backup jobs and restore jobs, each on a thread of its own. `folder` lies on the pool."""

    def __init__(self, files: FileSystems, roles: Roles, clients: Clients, folder: Path) -> None:
        self._files, self._roles, self._clients, self._folder = files, roles, clients, folder
        self.backups: dict[str, Job] = {}
        self.restores: dict[str, Job] = {}
        self.points: dict[str, RecoveryPoint] = {}

    def get_point(self, arn: str) -> RecoveryPoint:
        """Return a complete recovery point. Raises ApiError when there is none."""
        point = self.points.get(arn)
        if point is None or point.completed is None:
            raise exceptions.not_found(f"Recovery point {arn}")
        return point

    def start_backup(self, vault: str, resource_arn: str, role_arn: str) -> Job:
        """Begin to back up a file system. Raises ApiError."""
        identifier = resource_arn.rpartition("/")[2]
        if resource_arn != build_file_system_arn(identifier) or self._files.locate(identifier) is None:
            raise exceptions.invalid_parameter(f"Resource {resource_arn} does not exist or is no file system of EFS")
        self._roles.require_trust(role_arn)
        job = Job(RecoveryPoint(vault, identifier, role_arn, self._folder), role_arn)
        self.backups[job.id] = job
        self._begin(job, lambda: self._back_up(job))
        return job

    def start_restore(self, point: RecoveryPoint, role_arn: str, metadata: Mapping[str, str]) -> Job:
        """Begin to restore files. Raises ApiError."""
        if unknown := metadata.keys() - KNOWN:
            raise exceptions.invalid_parameter(f"Unknown restore metadata: {', '.join(sorted(unknown))}")
        if (
            missing := {"file-system-id", "newFileSystem", "Encrypted", "PerformanceMode", "CreationToken"}
            - metadata.keys()
        ):
            raise exceptions.invalid_parameter(f"Missing restore metadata: {', '.join(sorted(missing))}")
        items = _parse_items(metadata.get("ItemsToRestore", ""))
        self._roles.require_trust(role_arn)
        job = Job(point, role_arn)
        self.restores[job.id] = job
        self._begin(job, lambda: self._restore(job, metadata, items))
        return job

    def delete(self, point: RecoveryPoint) -> None:
        """Remove a recovery point and its files."""
        self.points.pop(point.arn, None)
        shutil.rmtree(point.folder, ignore_errors=True)

    def _begin(self, job: Job, work: Callable[[], str]) -> None:
        def run() -> None:
            try:
                job.end(work())
            except (OSError, subprocess.CalledProcessError, ClientError) as error:
                _log.exception("job %s of AWS Backup failed", job.id)
                job.end(str(error))

        threading.Thread(target=run, name=f"backup-{job.id}", daemon=True).start()

    def _back_up(self, job: Job) -> str:
        """Return why it failed; empty when the recovery point is complete."""
        point = job.point
        if problem := self._roles.find_problem(job.role_arn, [BACKUP], point.resource_arn):
            return problem
        source = self._files.locate(point.file_system_id)
        if source is None:
            return f"{point.resource_arn} does not exist"
        _copy(source, point.folder)
        point.completed = now()
        self.points[point.arn] = point
        return ""

    def _restore(self, job: Job, metadata: Mapping[str, str], items: list[PurePosixPath]) -> str:
        """Return why it failed; empty when the files are there."""
        is_new = metadata["newFileSystem"].lower() == "true"
        resource = build_file_system_arn("*" if is_new else metadata["file-system-id"])
        if problem := self._roles.find_problem(job.role_arn, [RESTORE, *([CREATE] if is_new else [])], resource):
            return problem
        identifier = self._create_file_system(metadata) if is_new else metadata["file-system-id"]
        root = self._files.locate(identifier)
        if root is None:
            return f"File system {identifier} does not exist."
        job.created_arn = build_file_system_arn(identifier)
        moment = now()
        place = root / f"aws-backup-restore_{moment:%Y-%m-%dT%H-%M-%S}-{moment.microsecond // 1000:03d}Z"
        if not items:
            _copy(job.point.folder, place)
            return ""
        place.mkdir()
        for item in items:
            source = job.point.folder / item
            if not source.exists():
                return f"/{item} is not in the recovery point"
            (place / item).parent.mkdir(parents=True, exist_ok=True)
            _copy(source, place / item)
        return ""

    def _create_file_system(self, metadata: Mapping[str, str]) -> str:
        """Create a file system. It has no mount target, so no machine can use it yet."""
        made = self._clients("efs").create_file_system(
            CreationToken=metadata["CreationToken"],
            PerformanceMode=metadata["PerformanceMode"],
            Encrypted=metadata["Encrypted"].lower() == "true",
        )
        return str(made["FileSystemId"])


def _parse_items(text: str) -> list[PurePosixPath]:
    """Return the paths below the root in a JSON list of absolute paths. Raises ApiError."""
    try:
        items = json.loads(text or "[]")
        paths = [PurePosixPath(item).relative_to("/") for item in items]
    except (ValueError, TypeError):
        paths, items = [], text
    if not isinstance(items, list) or any(".." in path.parts for path in paths):
        raise exceptions.invalid_parameter(f"ItemsToRestore is no list of absolute paths: {text}")
    return paths


def _copy(source: Path, target: Path) -> None:
    """Copy a tree or a file with owners, modes, times and links. The copy shares its blocks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["cp", "--archive", f"--reflink={REFLINK}", "--no-target-directory", str(source), str(target)],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
