"""Keep the database instances: created by CloudFormation (resource_type.py), or restored from snapshots. Subnet and parameter groups are ministack's own."""

from __future__ import annotations

import logging
import re
import secrets
import threading
from collections.abc import Callable, Mapping

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.rds import exceptions
from rehearsal.aws.rds.models import Database, Snapshot, is_set
from rehearsal.aws.rds.servers import Servers
from rehearsal.aws.registry import Properties, Registry
from rehearsal.errors import RehearsalError
from rehearsal.settings import REGION

_log = logging.getLogger(__name__)
_IDENTIFIER = re.compile(r"[a-z](?:-?[a-z0-9]){0,62}")
NOT_RESTORED = frozenset(
    {
        "DBInstanceIdentifier", "DBSubnetGroupName", "VPCSecurityGroups", "DBParameterGroupName", "MultiAZ", "PubliclyAccessible",
        "DeletionProtection", "EnableCloudwatchLogsExports", "MaxAllocatedStorage", "Tags",
    }
)  # fmt: skip
"""What a restored instance has from the request alone, or by default
(https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html). The request has no MaxAllocatedStorage."""


class Databases:
    """Thread-safe. A database is available when its server accepts connections, so a create takes as long as a boot."""

    def __init__(
        self, registry: Registry, servers: Servers, *, endpoints: Endpoints, apply_firewall: Callable[[], None]
    ) -> None:
        self._servers, self._endpoints = servers, endpoints
        self._apply_firewall = apply_firewall
        self._subnet_groups = registry.get_records("rds", "subnet_groups")
        self._parameter_groups = registry.get_records("rds", "param_groups")
        self._found: dict[str, Database] = {}
        self._reserved: set[str] = set()
        """identifiers of instances that are being created or renamed"""
        self._lock = threading.Lock()
        self._domain = f"c{secrets.token_hex(6)}.{REGION}.rds.amazonaws.com"
        """one for each account and region: an instance with the name of another has its address"""

    def find_addresses(self, name: str) -> list[str] | None:
        """Return the address of an endpoint's DNS name; None when it is no database's."""
        return next(([one.endpoint.ip] for one in list(self._found.values()) if one.address == name), None)

    def list_all(self) -> list[Database]:
        """Return every database instance."""
        return list(self._found.values())

    def find(self, identifier: str) -> Database | None:
        """Return one database instance; None when there is none. Identifiers are not case-sensitive."""
        return self._found.get(identifier.lower())

    def get(self, identifier: str) -> Database:
        """Return one database instance. Raises ApiError when there is none."""
        found = self.find(identifier)
        if found is None:
            raise exceptions.instance_not_found(identifier)
        return found

    def get_available(self, identifier: str) -> Database:
        """Return one database instance that nothing is done with. Raises ApiError."""
        database = self.get(identifier)
        if database.status != "available":
            raise exceptions.instance_in_state(database.id, database.status)
        return database

    def reboot(self, database: Database) -> None:
        """Begin a reboot; connections break, the address stays."""
        self.begin(database, "rebooting", lambda: self._servers.reboot(database))

    def rename(self, database: Database, identifier: str) -> None:
        """Begin to give an instance another identifier, and so another address. It reboots, and has both when it is available."""
        identifier, old = check_identifier("NewDBInstanceIdentifier", identifier), database.id
        address = self._build_address(identifier)
        self._reserve_name(identifier)

        def rename() -> None:
            try:
                self._servers.rename(database, identifier, address)
                with self._lock:
                    database.id, database.address, database.status = identifier, address, "available"
                    self._found[identifier] = self._found.pop(old)
            finally:
                self._reserved.discard(identifier)

        self.begin(database, "renaming", rename)

    def restore(self, snapshot: Snapshot, identifier: str, properties: Properties) -> Database:
        """Begin to restore a new instance. `properties`: those of the request. Raises ApiError."""
        kept = {key: value for key, value in snapshot.properties.items() if key not in NOT_RESTORED}
        # CopyTagsToSnapshot: "If there are no new tags, RDS looks for the tags from the source DB instance for the DB snapshot".
        tags = properties.get("Tags") or [dict(one) for one in snapshot.tags]
        wanted = {"Port": snapshot.port, **kept, **properties, "Tags": tags}
        parameters = self.read_parameters(wanted.get("DBParameterGroupName"))
        database = self.add(check_identifier("DBInstanceIdentifier", identifier), wanted)
        self.begin(database, "creating", lambda: self._servers.restore(database, parameters, snapshot.disk))
        return database

    def delete(self, database: Database, before: Callable[[], None] = lambda: None) -> None:
        """Begin to delete an instance. `before` is called first."""

        def delete() -> None:
            before()
            self.remove(database)

        self.begin(database, "deleting", delete, result="deleting")

    def begin(self, database: Database, status: str, work: Callable[[], None], *, result: str = "available") -> None:
        """Do work on a thread of its own. The instance has `status` until then; afterwards it has the status `result`, or has failed."""
        database.status = status

        def run() -> None:
            reached = "failed"
            try:
                work()
                reached = result
            except (RehearsalError, ApiError):
                _log.exception("database %s: %s failed", database.id, status)
            finally:
                database.status = reached

        threading.Thread(target=run, name=f"{status}-{database.id}", daemon=True).start()

    def add(self, identifier: str, properties: Properties) -> Database:
        """Add the record of a new instance, with its address. Raises ApiError."""
        group = properties.get("DBSubnetGroupName") or "default"
        if group not in self._subnet_groups:
            raise exceptions.subnet_group_not_found(group)
        self._reserve_name(identifier)
        try:
            endpoint = self._endpoints.add(
                f"rds-{secrets.token_hex(4)}",
                subnet_id=self._subnet_groups[group]["Subnets"][0]["SubnetIdentifier"],
                groups=properties.get("VPCSecurityGroups") or (),
                public=is_set(properties, "PubliclyAccessible"),
            )
            port = int(properties.get("Port") or 3306)
            database = Database(identifier, endpoint, self._build_address(identifier), port, properties)
            self._found[identifier] = database
        finally:
            self._reserved.discard(identifier)
        return database

    def _reserve_name(self, identifier: str) -> None:
        with self._lock:
            if identifier in self._found or identifier in self._reserved:
                raise exceptions.instance_exists(identifier)
            self._reserved.add(identifier)

    def remove(self, database: Database) -> None:
        """Remove an instance, its machine and its address; harmless when it is gone."""
        self._servers.remove(database)
        self._endpoints.remove(database.endpoint.name)
        self._apply_firewall()
        self._found.pop(database.id, None)

    def _build_address(self, identifier: str) -> str:
        return f"{identifier}.{self._domain}"

    def read_parameters(self, group: str | None) -> dict[str, str]:
        """Return the parameters that the group itself sets."""
        if group is None or group.startswith("default."):
            return {}
        if group not in self._parameter_groups:
            raise exceptions.parameter_group_not_found(group)
        kept = self._parameter_groups[group].get("Parameters", {})
        return {name: str(one["ParameterValue"] if isinstance(one, Mapping) else one) for name, one in kept.items()}


def check_identifier(parameter: str, identifier: str) -> str:
    """Return an identifier in lower case, as RDS stores it. Raises ApiError."""
    if not _IDENTIFIER.fullmatch(identifier.lower()) or len(identifier) > 63:
        raise exceptions.invalid_identifier(parameter, identifier)
    return identifier.lower()
