"""AWS::RDS::DBInstance: an instance is complete when its server accepts connections, so a create takes as long as a boot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.models import Database
from rehearsal.aws.rds.servers import Servers
from rehearsal.aws.registry import Properties, Registry, Resource

# Properties of hardware, backups and costs, which a rehearsal does not emulate.
_WITHOUT_EFFECT = {
    "AllocatedStorage", "MaxAllocatedStorage", "StorageType", "StorageEncrypted", "KmsKeyId", "Iops", "StorageThroughput",
    "BackupRetentionPeriod", "CopyTagsToSnapshot", "AutoMinorVersionUpgrade", "AllowMajorVersionUpgrade",
    "EnableCloudwatchLogsExports", "DeletionProtection", "DeleteAutomatedBackups", "PreferredBackupWindow",
    "PreferredMaintenanceWindow", "EnablePerformanceInsights", "MonitoringInterval", "Tags", "CACertificateIdentifier",
}  # fmt: skip
_WITH_EFFECT = {
    "DBInstanceIdentifier", "DBInstanceClass", "Engine", "EngineVersion", "MasterUsername", "MasterUserPassword",
    "DBSubnetGroupName", "VPCSecurityGroups", "DBParameterGroupName", "Port", "DBName", "MultiAZ", "PubliclyAccessible",
}  # fmt: skip


class InstanceType:
    """The resource type. CloudFormation knows an instance by its identifier, also when another instance has it now."""

    def __init__(
        self, registry: Registry, databases: Databases, servers: Servers, apply_firewall: Callable[[], None]
    ) -> None:
        self._registry, self._databases, self._servers = registry, databases, servers
        self._apply_firewall = apply_firewall
        registry.register_type(
            "AWS::RDS::DBInstance", create=self._create, update=self._update, delete=self._delete, tags=True
        )

    def _create(self, logical_id: str, properties: Properties, stack: str) -> Resource:
        if unknown := properties.keys() - _WITH_EFFECT - _WITHOUT_EFFECT:
            raise NotEmulated(f"AWS::RDS::DBInstance with {', '.join(sorted(unknown))}")
        if properties["Engine"] not in ("mysql", "mariadb"):
            raise NotEmulated(f"the database engine {properties['Engine']}")
        identifier = properties.get("DBInstanceIdentifier") or self._registry.generate_physical_name(
            stack, logical_id, longest=63, lower=True
        )
        parameters = self._databases.read_parameters(properties.get("DBParameterGroupName"))
        kept = {key: value for key, value in properties.items() if key != "MasterUserPassword"}
        database = self._databases.add(identifier.lower(), kept)
        try:
            self._servers.create(database, parameters, str(properties["MasterUserPassword"]))
        except BaseException:
            self._databases.remove(database)
            raise
        database.status = "available"
        return identifier, _format_attributes(database)

    def _update(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        del stack
        database = self._databases.get(identifier)
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        if refused := changed - _WITHOUT_EFFECT - {"VPCSecurityGroups"}:
            raise NotEmulated(f"an update of {', '.join(sorted(refused))} of AWS::RDS::DBInstance {identifier}")
        database.properties = {**database.properties, **{key: new[key] for key in changed & new.keys()}}
        database.endpoint.groups = tuple(new.get("VPCSecurityGroups") or database.endpoint.groups)
        self._apply_firewall()
        return identifier, _format_attributes(database)

    def _delete(self, identifier: str, _: Properties) -> None:
        if database := self._databases.find(identifier):
            self._databases.remove(database)


def _format_attributes(database: Database) -> dict[str, Any]:
    return {
        "Endpoint.Address": database.address,
        "Endpoint.Port": str(database.port),
        "DBInstanceArn": database.arn,
        "DbiResourceId": database.resource,
    }
