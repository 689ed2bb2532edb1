"""AWS Backup: backups of file systems of EFS, on request."""

from rehearsal.aws.backup.api import BackupApi
from rehearsal.aws.backup.jobs import Jobs
from rehearsal.aws.backup.roles import Roles
from rehearsal.aws.backup.vaults import Vaults
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.efs import FileSystems

__all__ = ["install"]


def install(cloud: Cloud, files: FileSystems) -> None:
    """Register AWS Backup."""
    roles = Roles(cloud.registry, cloud.clients, cloud.role_sessions)
    jobs = Jobs(files, roles, cloud.clients, cloud.settings.pool / "backups")
    BackupApi(cloud.registry, Vaults(cloud.registry), jobs)
