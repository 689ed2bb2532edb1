"""Keep replication instances: an address in a subnet of their group, and a namespace in which the engines run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.dms.api import subnet_groups
from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.api.tags import put
from rehearsal.dms.exceptions import already_exists, invalid_parameter, wrong_state
from rehearsal.dms.models import Instance, State, format_arn, make_resource_id, normalize_identifier
from rehearsal.dms.ports import Account, Actions, Network
from rehearsal.dms.responses import format_instance

ENGINE_VERSION = "3.5.4"
_DEFAULT_STORAGE = 50


class Instances:
    """The replication instances, and the actions on them."""

    def __init__(self, state: State, network: Network, account: Account) -> None:
        self._state, self._network, self._account = state, network, account
        self.actions: Actions = {
            "CreateReplicationInstance": self.create,
            "ModifyReplicationInstance": self.modify,
            "DeleteReplicationInstance": self.delete,
            "DescribeReplicationInstances": self.describe,
        }

    def create(
        self,
        replication_instance_identifier: str,
        replication_instance_class: str,
        allocated_storage: int = _DEFAULT_STORAGE,
        vpc_security_group_ids: Sequence[str] = (),
        availability_zone: str | None = None,
        replication_subnet_group_identifier: str | None = None,
        preferred_maintenance_window: str = "sun:06:00-sun:14:00",
        multi_az: bool = False,
        engine_version: str = ENGINE_VERSION,
        auto_minor_version_upgrade: bool = True,
        tags: Sequence[Mapping[str, str]] = (),
        kms_key_id: str | None = None,
        publicly_accessible: bool = True,
        resource_identifier: str | None = None,
        network_type: str = "IPV4",
    ) -> dict[str, Any]:
        """Create an instance, with its address and its namespace."""
        subnet_groups.require_vpc_role(self._account)
        name = normalize_identifier(replication_instance_identifier, "ReplicationInstanceIdentifier")
        if replication_subnet_group_identifier is None:
            raise NotEmulated("a replication instance outside of a subnet group")
        if not replication_instance_class.startswith("dms."):
            raise invalid_parameter(f"Invalid replication instance class: {replication_instance_class}")
        with self._state.lock:
            if any(instance.id == name for instance in self._state.instances.values()):
                raise already_exists("Replication instance", name)
            group = self._state.get_subnet_group(replication_subnet_group_identifier)
            subnet = next((s for s in group.subnets if availability_zone in (None, s.zone)), None)
            if subnet is None:
                raise invalid_parameter(f"The subnet group {group.id} has no subnet in {availability_zone}")
            values = {
                "ReplicationInstanceClass": replication_instance_class,
                "AllocatedStorage": allocated_storage,
                "PreferredMaintenanceWindow": preferred_maintenance_window,
                "MultiAZ": multi_az,
                "EngineVersion": engine_version,
                "AutoMinorVersionUpgrade": auto_minor_version_upgrade,
                "KmsKeyId": kms_key_id,
                "PubliclyAccessible": publicly_accessible,
                "NetworkType": network_type,
            }
            key = format_arn("rep", make_resource_id(resource_identifier))
            instance = Instance(key, name, group, None, list(vpc_security_group_ids), values)  # type: ignore[arg-type]
            instance.place = self._network.open(
                instance.name, subnet_id=subnet.id, groups=vpc_security_group_ids, public=publicly_accessible
            )
            self._state.instances[key] = instance
            put(self._state, key, tags)
            self._state.add_event("replication-instance", name, "Replication instance created.", "creation")
            return {"ReplicationInstance": format_instance(instance, "creating")}

    def modify(
        self,
        replication_instance_arn: str,
        allocated_storage: int | None = None,
        apply_immediately: bool = False,  # noqa: ARG002  changes are immediate here
        replication_instance_class: str | None = None,
        vpc_security_group_ids: Sequence[str] | None = None,
        preferred_maintenance_window: str | None = None,
        multi_az: bool | None = None,
        engine_version: str | None = None,
        allow_major_version_upgrade: bool = False,  # noqa: ARG002  there is one engine
        auto_minor_version_upgrade: bool | None = None,
        replication_instance_identifier: str | None = None,
    ) -> dict[str, Any]:
        """Change an instance."""
        with self._state.lock:
            instance = self._state.get_instance(replication_instance_arn)
            changes = {
                "AllocatedStorage": allocated_storage,
                "ReplicationInstanceClass": replication_instance_class,
                "PreferredMaintenanceWindow": preferred_maintenance_window,
                "MultiAZ": multi_az,
                "EngineVersion": engine_version,
                "AutoMinorVersionUpgrade": auto_minor_version_upgrade,
            }
            if vpc_security_group_ids is not None:
                self._network.set_groups(instance.name, vpc_security_group_ids)
                instance.groups = list(vpc_security_group_ids)
            instance.values.update({key: value for key, value in changes.items() if value is not None})
            if replication_instance_identifier:
                instance.id = normalize_identifier(replication_instance_identifier, "ReplicationInstanceIdentifier")
            return {"ReplicationInstance": format_instance(instance, "modifying")}

    def delete(self, replication_instance_arn: str) -> dict[str, Any]:
        """Delete an instance that no task uses."""
        with self._state.lock:
            instance = self._state.get_instance(replication_instance_arn)
            if any(task.instance is instance for task in self._state.tasks.values()):
                raise wrong_state(f'Replication Instance "{instance.id}" has one or more replication tasks.')
            del self._state.instances[instance.arn]
            self._state.tags.pop(instance.arn, None)
            for key in [key for key in self._state.connections if key[0] == instance.arn]:
                del self._state.connections[key]
            self._network.close(instance.name)
            self._state.add_event("replication-instance", instance.id, "Replication instance deleted.", "deletion")
            return {"ReplicationInstance": format_instance(instance, "deleting")}

    def describe(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        """Return the instances that match."""
        with self._state.lock:
            return list_page(
                self._state.instances.values(),
                filters,
                {
                    "replication-instance-arn": lambda one: one.arn,
                    "replication-instance-id": lambda one: one.id,
                    "replication-instance-class": lambda one: one.values["ReplicationInstanceClass"],
                    "engine-version": lambda one: one.values["EngineVersion"],
                },
                lambda one: format_instance(one, "available"),
                key="ReplicationInstances",
                what="Replication Instances",
                marker=marker,
                size=max_records,
            )
