"""Handle the actions of AWS Backup on the backups of file systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.backup import exceptions
from rehearsal.aws.backup.jobs import Jobs
from rehearsal.aws.backup.models import Job, build_vault_arn
from rehearsal.aws.backup.responses import format_backup, format_point, format_restore
from rehearsal.aws.backup.vaults import Vaults
from rehearsal.aws.paging import cut_page
from rehearsal.aws.registry import Action, Registry

_PASSES = ("CreateBackupVault", "DescribeBackupVault", "ListBackupVaults", "ListTags", "TagResource", "UntagResource")
"""actions that ministack handles with its own records"""


class BackupApi:
    """The actions. There are no plans and no schedules: nothing is backed up without a request."""

    def __init__(self, registry: Registry, vaults: Vaults, jobs: Jobs) -> None:
        self._vaults, self._jobs = vaults, jobs
        self._delete_vault = registry.get_function("backup", "_delete_vault")
        table: dict[str, Action] = {
            "StartBackupJob": self.start_backup,
            "DescribeBackupJob": self.describe_backup,
            "ListRecoveryPointsByBackupVault": self.list_points,
            "DeleteRecoveryPoint": self.delete_point,
            "StartRestoreJob": self.start_restore,
            "DescribeRestoreJob": self.describe_restore,
            "GetBackupVaultAccessPolicy": self.get_policy,
            "PutBackupVaultAccessPolicy": self.put_policy,
            "DeleteBackupVaultAccessPolicy": self.remove_policy,
            "DeleteBackupVault": self.delete_vault,
        }
        registry.register_actions("backup", table, passes=_PASSES)

    def start_backup(
        self, backup_vault_name: str, resource_arn: str, iam_role_arn: str, idempotency_token: str | None = None
    ) -> Mapping[str, Any]:
        """Begin to back up a file system."""
        del idempotency_token
        job = self._jobs.start_backup(self._vaults.require(backup_vault_name), resource_arn, iam_role_arn)
        return {"BackupJobId": job.id, "RecoveryPointArn": job.point.arn, "CreationDate": job.created}

    def describe_backup(self, backup_job_id: str) -> Mapping[str, Any]:
        """Return a backup job."""
        return format_backup(_get_job(self._jobs.backups, backup_job_id))

    def list_points(
        self,
        backup_vault_name: str,
        by_resource_arn: str | None = None,
        by_resource_type: str | None = None,
        next_token: str | None = None,
        max_results: int | None = None,
    ) -> Mapping[str, Any]:
        """Return the recovery points of a vault, or those of one resource in it."""
        vault = self._vaults.require(backup_vault_name)
        matching = [
            one
            for one in self._jobs.points.values()
            if one.vault == vault and by_resource_arn in (None, one.resource_arn) and by_resource_type in (None, "EFS")
        ]
        found, token = cut_page(matching, next_token, max_results)
        return {"RecoveryPoints": [format_point(one) for one in found], "NextToken": token}

    def delete_point(self, backup_vault_name: str, recovery_point_arn: str) -> None:
        """Delete a recovery point, where the vault's policy allows it."""
        point = self._jobs.get_point(recovery_point_arn)
        if point.vault != self._vaults.require(backup_vault_name):
            raise exceptions.not_found(f"Recovery point {recovery_point_arn}")
        self._vaults.check(point.vault, "backup:DeleteRecoveryPoint", point.arn)
        self._jobs.delete(point)

    def start_restore(
        self,
        recovery_point_arn: str,
        metadata: Mapping[str, str],
        iam_role_arn: str | None = None,
        resource_type: str | None = None,
        idempotency_token: str | None = None,
    ) -> Mapping[str, Any]:
        """Begin to restore files, where the vault's policy allows it."""
        del idempotency_token
        point = self._jobs.get_point(recovery_point_arn)
        self._vaults.check(point.vault, "backup:StartRestoreJob", point.arn)
        if resource_type not in (None, "EFS"):
            raise exceptions.invalid_parameter(f"The recovery point is not of the type {resource_type}")
        if not iam_role_arn:
            raise exceptions.invalid_parameter("A restore of a file system needs an IAM role")
        return {"RestoreJobId": self._jobs.start_restore(point, iam_role_arn, metadata).id}

    def describe_restore(self, restore_job_id: str) -> Mapping[str, Any]:
        """Return a restore job."""
        return format_restore(_get_job(self._jobs.restores, restore_job_id))

    def get_policy(self, backup_vault_name: str) -> Mapping[str, Any]:
        """Return the access policy of a vault."""
        policy = self._vaults.get_policy(backup_vault_name)
        return {
            "BackupVaultName": backup_vault_name,
            "BackupVaultArn": build_vault_arn(backup_vault_name),
            "Policy": policy,
        }

    def put_policy(self, backup_vault_name: str, policy: str = "") -> None:
        """Set the access policy of a vault."""
        self._vaults.put_policy(backup_vault_name, policy)

    def remove_policy(self, backup_vault_name: str) -> None:
        """Remove the access policy of a vault, where the policy itself allows it."""
        self._vaults.check(
            backup_vault_name, "backup:DeleteBackupVaultAccessPolicy", build_vault_arn(backup_vault_name)
        )
        self._vaults.remove_policy(backup_vault_name)

    def delete_vault(self, backup_vault_name: str) -> None:
        """Delete a vault without recovery points, where its policy allows it."""
        name = self._vaults.require(backup_vault_name)
        self._vaults.check(name, "backup:DeleteBackupVault", build_vault_arn(name))
        if any(one.vault == name for one in self._jobs.points.values()):
            raise exceptions.vault_not_empty(name)
        self._vaults.remove_policy(name)
        self._delete_vault(name)


def _get_job(jobs: Mapping[str, Job], identifier: str) -> Job:
    if identifier not in jobs:
        raise exceptions.not_found(f"Job {identifier}")
    return jobs[identifier]
