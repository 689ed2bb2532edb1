"""AWS::SecretsManager::SecretTargetAttachment: writes a database's host and port into its secret."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.responses import format_instance
from rehearsal.aws.registry import Registry


class SecretAttachments:
    """ministack's own type, with the databases of the rehearsal as its targets."""

    def __init__(self, registry: Registry, databases: Databases) -> None:
        self._databases = databases
        registry.replace_function("cloudformation", "_sm_target_connection", self.describe_connection)

    def describe_connection(self, kind: str, identifier: str) -> dict[str, Any]:
        """Return the keys that the attachment adds to the secret's JSON. Raises ApiError when there is no such database."""
        if kind != "AWS::RDS::DBInstance":
            raise NotEmulated(f"a secret attached to {kind}")
        found = format_instance(self._databases.get(identifier))
        named = {"dbname": found["DBName"]} if found.get("DBName") else {}
        return {
            "engine": found["Engine"],
            "host": found["Endpoint"]["Address"],
            "port": found["Endpoint"]["Port"],
            "dbInstanceIdentifier": identifier,
            **named,
        }
