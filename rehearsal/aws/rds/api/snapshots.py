"""Handle the actions of RDS on snapshots, and the restore of an instance from one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.paging import cut_page
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.models import Snapshot
from rehearsal.aws.rds.responses import format_instance, format_snapshot
from rehearsal.aws.rds.snapshots import Snapshots
from rehearsal.aws.registry import Action


class SnapshotActions:
    """The actions by name: `table`."""

    def __init__(self, databases: Databases, snapshots: Snapshots) -> None:
        self._databases, self._snapshots = databases, snapshots
        self.table: dict[str, Action] = {
            "CreateDBSnapshot": self.create,
            "DescribeDBSnapshots": self.describe,
            "DeleteDBSnapshot": self.delete,
            "RestoreDBInstanceFromDBSnapshot": self.restore,
        }

    def create(
        self, db_snapshot_identifier: str, db_instance_identifier: str, tags: list[Mapping[str, str]] | None = None
    ) -> Mapping[str, Any]:
        """Begin to take a snapshot of an instance that is available."""
        database = self._databases.get_available(db_instance_identifier)
        return {"DBSnapshot": format_snapshot(self._snapshots.take(database, db_snapshot_identifier, tags or ()))}

    def describe(
        self,
        db_instance_identifier: str | None = None,
        db_snapshot_identifier: str | None = None,
        snapshot_type: str | None = None,
        marker: str | None = None,
        max_records: int | None = None,
    ) -> Mapping[str, Any]:
        """Return the snapshots of an instance, of a type, or the one that is named. All of them are manual ones."""
        wanted = [self._snapshots.get(db_snapshot_identifier)] if db_snapshot_identifier else self._snapshots.list_all()
        matching = [
            one
            for one in wanted
            if db_instance_identifier in (None, one.database_id) and snapshot_type in (None, "manual")
        ]
        found, token = cut_page(matching, marker, max_records)
        return {"DBSnapshots": [format_snapshot(one) for one in found], "Marker": token}

    def delete(self, db_snapshot_identifier: str) -> Mapping[str, Any]:
        """Delete a snapshot that is available."""
        snapshot: Snapshot = self._snapshots.get_available(db_snapshot_identifier)
        self._snapshots.delete(snapshot)
        return {"DBSnapshot": {**format_snapshot(snapshot), "Status": "deleted"}}

    def restore(
        self,
        db_instance_identifier: str,
        db_snapshot_identifier: str,
        *,
        db_instance_class: str | None = None,
        port: int | None = None,
        db_subnet_group_name: str | None = None,
        vpc_security_group_ids: list[str] | None = None,
        db_parameter_group_name: str | None = None,
        multi_az: bool | None = None,
        publicly_accessible: bool | None = None,
        auto_minor_version_upgrade: bool | None = None,
        copy_tags_to_snapshot: bool | None = None,
        enable_cloudwatch_logs_exports: list[str] | None = None,
        deletion_protection: bool | None = None,
        backup_retention_period: int | None = None,
        storage_type: str | None = None,
        tags: list[Mapping[str, str]] | None = None,
    ) -> Mapping[str, Any]:
        """Begin to restore a new instance. What the request does not name has the snapshot's value, or the default of a new instance."""
        snapshot = self._snapshots.get_available(db_snapshot_identifier)
        named = {
            "DBInstanceClass": db_instance_class,
            "Port": port,
            "DBSubnetGroupName": db_subnet_group_name,
            "VPCSecurityGroups": vpc_security_group_ids,
            "DBParameterGroupName": db_parameter_group_name,
            "MultiAZ": multi_az,
            "PubliclyAccessible": publicly_accessible,
            "AutoMinorVersionUpgrade": auto_minor_version_upgrade,
            "CopyTagsToSnapshot": copy_tags_to_snapshot,
            "EnableCloudwatchLogsExports": enable_cloudwatch_logs_exports,
            "DeletionProtection": deletion_protection,
            "BackupRetentionPeriod": backup_retention_period,
            "StorageType": storage_type,
            "Tags": tags,
        }
        properties = {name: value for name, value in named.items() if value is not None}
        return {"DBInstance": format_instance(self._databases.restore(snapshot, db_instance_identifier, properties))}
