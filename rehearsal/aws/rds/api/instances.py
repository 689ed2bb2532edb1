"""Handle the actions of RDS on database instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.paging import cut_page
from rehearsal.aws.rds import exceptions
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.models import is_set
from rehearsal.aws.rds.responses import format_instance
from rehearsal.aws.rds.snapshots import Snapshots
from rehearsal.aws.registry import Action


class InstanceActions:
    """The actions by name: `table`."""

    def __init__(self, databases: Databases, snapshots: Snapshots) -> None:
        self._databases, self._snapshots = databases, snapshots
        self.table: dict[str, Action] = {
            "DescribeDBInstances": self.describe,
            "RebootDBInstance": self.reboot,
            "ModifyDBInstance": self.modify,
            "DeleteDBInstance": self.delete,
        }

    def describe(
        self, db_instance_identifier: str | None = None, marker: str | None = None, max_records: int | None = None
    ) -> Mapping[str, Any]:
        """Return the instances, or the one that is named."""
        databases = self._databases
        wanted = [databases.get(db_instance_identifier)] if db_instance_identifier else databases.list_all()
        found, token = cut_page(wanted, marker, max_records)
        return {"DBInstances": [format_instance(one) for one in found], "Marker": token}

    def reboot(self, db_instance_identifier: str, force_failover: bool = False) -> Mapping[str, Any]:
        """Begin a reboot. With Multi-AZ and `force_failover` the standby takes over, which looks the same from outside."""
        del force_failover
        database = self._databases.get_available(db_instance_identifier)
        self._databases.reboot(database)
        return {"DBInstance": format_instance(database)}

    def modify(
        self,
        db_instance_identifier: str,
        apply_immediately: bool = False,
        new_db_instance_identifier: str | None = None,
        deletion_protection: bool | None = None,
        max_allocated_storage: int | None = None,
    ) -> Mapping[str, Any]:
        """Change what the request names. A new identifier takes effect in the next maintenance window unless it is to be applied immediately."""
        database = self._databases.get_available(db_instance_identifier)
        if new_db_instance_identifier and not apply_immediately:
            raise NotEmulated("rds ModifyDBInstance: a maintenance window; set ApplyImmediately")
        changed = {"DeletionProtection": deletion_protection, "MaxAllocatedStorage": max_allocated_storage}
        wanted = {name: value for name, value in changed.items() if value is not None}
        if new_db_instance_identifier:
            self._databases.rename(database, new_db_instance_identifier)
        database.properties = {**database.properties, **wanted}
        return {"DBInstance": format_instance(database)}

    def delete(
        self,
        db_instance_identifier: str,
        skip_final_snapshot: bool = False,
        final_db_snapshot_identifier: str | None = None,
        delete_automated_backups: bool = True,
    ) -> Mapping[str, Any]:
        """Begin to delete an instance, after a last snapshot if the request names one."""
        del delete_automated_backups  # there are none
        database = self._databases.get(db_instance_identifier)
        if is_set(database.properties, "DeletionProtection"):
            raise exceptions.instance_protected()
        if skip_final_snapshot and final_db_snapshot_identifier:
            raise exceptions.final_snapshot_not_allowed()
        if skip_final_snapshot:
            self._databases.delete(database)
        elif final_db_snapshot_identifier:
            last = self._snapshots.reserve(database, final_db_snapshot_identifier)
            self._databases.delete(database, before=lambda: self._snapshots.fill(last, database))
        else:
            raise exceptions.final_snapshot_required()
        return {"DBInstance": format_instance(database)}
