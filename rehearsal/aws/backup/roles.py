"""The roles with which AWS Backup works: it must be able to assume them, and their policies must allow what it does.

https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
"""

from __future__ import annotations

from rehearsal.aws.backup import exceptions
from rehearsal.aws.clients import Clients
from rehearsal.aws.registry import Registry
from rehearsal.aws.role_sessions import RoleSessions

SERVICE = "backup.amazonaws.com"
BACKUP, RESTORE, CREATE = "elasticfilesystem:Backup", "elasticfilesystem:Restore", "elasticfilesystem:CreateFileSystem"
_FILE_SYSTEMS = "arn:aws:elasticfilesystem:*:*:file-system/*"
_POLICIES = {
    "AWSBackupServiceRolePolicyForBackup": (BACKUP, "elasticfilesystem:DescribeTags"),
    "AWSBackupServiceRolePolicyForRestores": (
        RESTORE,
        CREATE,
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DeleteFileSystem",
        "elasticfilesystem:TagResource",
    ),
}
"""AWS's own policies, as far as they are about file systems"""
INSUFFICIENT = "Insufficient privileges to perform this action."


class Roles:
    """Checks roles through IAM's API."""

    def __init__(self, registry: Registry, clients: Clients, sessions: RoleSessions) -> None:
        self._clients, self._sessions = clients, sessions
        for name, actions in _POLICIES.items():
            statement = {"Effect": "Allow", "Action": list(actions), "Resource": _FILE_SYSTEMS}
            registry.add_managed_policy(f"service-role/{name}", {"Version": "2012-10-17", "Statement": [statement]})

    def require_trust(self, role_arn: str) -> None:
        """Check that AWS Backup can assume the role. Raises ApiError."""
        role = self._sessions.find_role(role_arn.rpartition("/")[2])
        if role is None or role.arn != role_arn or SERVICE not in role.trusted:
            raise exceptions.invalid_parameter(f"IAM Role {role_arn} cannot be assumed by AWS Backup")

    def find_problem(self, role_arn: str, actions: list[str], resource: str) -> str:
        """Return why the role cannot do the job; empty when it can."""
        results = self._clients("iam").simulate_principal_policy(
            PolicySourceArn=role_arn, ActionNames=actions, ResourceArns=[resource]
        )["EvaluationResults"]
        denied = [one["EvalActionName"] for one in results if one["EvalDecision"] != "allowed"]
        return INSUFFICIENT if denied or not results else ""
