"""Format recovery points and jobs as the API of AWS Backup returns them."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.backup.models import Job, RecoveryPoint, build_vault_arn
from rehearsal.settings import ACCOUNT


def format_point(point: RecoveryPoint) -> dict[str, Any]:
    """Return a recovery point as ListRecoveryPointsByBackupVault returns it."""
    return {
        "RecoveryPointArn": point.arn,
        "BackupVaultName": point.vault,
        "BackupVaultArn": build_vault_arn(point.vault),
        "ResourceArn": point.resource_arn,
        "ResourceType": "EFS",
        "IamRoleArn": point.role_arn,
        "Status": "COMPLETED" if point.completed else "CREATING",
        "CreationDate": point.created,
        "CompletionDate": point.completed,
    }


def format_backup(job: Job) -> dict[str, Any]:
    """Return a job as DescribeBackupJob returns it."""
    point = job.point
    return {
        **_format_job(job),
        "BackupJobId": job.id,
        "BackupVaultName": point.vault,
        "BackupVaultArn": build_vault_arn(point.vault),
        "ResourceArn": point.resource_arn,
        "State": job.state,
    }


def format_restore(job: Job) -> dict[str, Any]:
    """Return a job as DescribeRestoreJob returns it."""
    return {
        **_format_job(job),
        "RestoreJobId": job.id,
        "SourceResourceArn": job.point.resource_arn,
        "CreatedResourceArn": job.created_arn or None,
        "RecoveryPointCreationDate": job.point.created,
        "Status": job.state,
    }


def _format_job(job: Job) -> dict[str, Any]:
    return {
        "AccountId": ACCOUNT,
        "RecoveryPointArn": job.point.arn,
        "ResourceType": "EFS",
        "IamRoleArn": job.role_arn,
        "CreationDate": job.created,
        "CompletionDate": job.ended,
        "StatusMessage": job.message or None,
        "PercentDone": "100.00" if job.state == "COMPLETED" else "0.00",
    }
