"""Vaults and their access policies. ministack keeps the vaults; policies are in force for the actions of this package.

EFS makes the vault of automatic backups with a policy that denies everybody to restore from it:
https://repost.aws/knowledge-center/backup-insufficient-privileges-efs
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rehearsal.aws.backup import exceptions
from rehearsal.aws.backup.models import AUTOMATIC_VAULT
from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.registry import Registry

AUTOMATIC_DENIES = (
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:DeleteRecoveryPoint",
    "backup:StartCopyJob",
    "backup:StartRestoreJob",
    "backup:UpdateRecoveryPointLifecycle",
)


class Vaults:
    """The vaults by name."""

    def __init__(self, registry: Registry) -> None:
        self._records = registry.get_records("backup", "vaults")
        self._create = registry.get_function("backup", "_create_vault")
        self._backup_policies = registry.get_records("efs", "backup_policies")
        self._policies: dict[str, str] = {}
        registry.wrap_type("AWS::EFS::FileSystem", after=lambda *_: self._apply_records())

    def require(self, name: str) -> str:
        """Return the name of a vault that exists. Raises ApiError."""
        self.add_automatic()
        if name not in self._records:
            raise exceptions.not_found(f"Backup vault {name}")
        return name

    def add_automatic(self) -> None:
        """Make the vault of automatic backups as soon as a file system has them. It stays, as on AWS."""
        wanted = any(one.get("Status") == "ENABLED" for one in self._backup_policies.values())
        if wanted and AUTOMATIC_VAULT not in self._records:
            self._create(AUTOMATIC_VAULT, {})
            denied = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": list(AUTOMATIC_DENIES), "Resource": "*"}
            self._policies[AUTOMATIC_VAULT] = json.dumps({"Version": "2012-10-17", "Statement": [denied]})

    def get_policy(self, name: str) -> str:
        """Return the access policy of a vault as JSON. Raises ApiError when it has none."""
        if self.require(name) not in self._policies:
            raise exceptions.not_found(f"Access policy of backup vault {name}")
        return self._policies[name]

    def put_policy(self, name: str, policy: str) -> None:
        """Set the access policy of a vault. Raises ApiError."""
        self.require(name)
        list(_parse(policy))
        self._policies[name] = policy

    def remove_policy(self, name: str) -> None:
        """Remove the access policy of a vault; harmless when it has none."""
        self._policies.pop(self.require(name), None)

    def check(self, name: str, action: str, resource: str) -> None:
        """Check an action on a vault or a recovery point in it. Raises ApiError where the vault's policy denies it."""
        for denied in _parse(self._policies.get(name, '{"Statement": []}')):
            if action in denied:
                raise exceptions.denied(action, resource)

    def _apply_records(self) -> Mapping[str, Any]:
        self.add_automatic()
        return {}


def _parse(policy: str) -> list[set[str]]:
    """Return the denied actions of each statement. Raises ApiError for text that is no policy, or has what is not emulated."""
    try:
        statements = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError):
        raise exceptions.invalid_parameter("The specified policy cannot be parsed.") from None
    denied = []
    for one in statements if isinstance(statements, list) else [statements]:
        if (
            one.keys() - {"Sid", "Effect", "Principal", "Action", "Resource"}
            or one["Effect"] != "Deny"
            or one["Principal"] not in ("*", {"AWS": "*"})
        ):
            raise NotEmulated("a vault's access policy with anything but Deny for everybody")
        denied.append({one["Action"]} if isinstance(one["Action"], str) else set(one["Action"]))
    return denied
