"""Keep replication subnet groups: where replication instances may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.api.tags import put
from rehearsal.dms.exceptions import (
    access_denied,
    already_exists,
    invalid_subnet,
    subnet_in_use,
    too_few_zones,
    wrong_state,
)
from rehearsal.dms.models import State, SubnetGroup, normalize_identifier
from rehearsal.dms.ports import Account, Actions, Denied, Network, Subnet
from rehearsal.dms.responses import format_subnet_group

VPC_ROLE, VPC_POLICY = "dms-vpc-role", "AmazonDMSVPCManagementRole"


class SubnetGroups:
    """The subnet groups, and the actions on them."""

    def __init__(self, state: State, network: Network, account: Account) -> None:
        self._state, self._network, self._account = state, network, account
        self.actions: Actions = {
            "CreateReplicationSubnetGroup": self.create,
            "ModifyReplicationSubnetGroup": self.modify,
            "DeleteReplicationSubnetGroup": self.delete,
            "DescribeReplicationSubnetGroups": self.describe,
        }

    def create(
        self,
        replication_subnet_group_identifier: str,
        replication_subnet_group_description: str,
        subnet_ids: Sequence[str],
        tags: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Any]:
        """Create a group of subnets in at least two zones."""
        require_vpc_role(self._account)
        name = normalize_identifier(replication_subnet_group_identifier, "ReplicationSubnetGroupIdentifier")
        with self._state.lock:
            if name in self._state.subnet_groups:
                raise already_exists("Replication subnet group", name)
            group = SubnetGroup(name, replication_subnet_group_description, self._find_subnets(subnet_ids))
            self._state.subnet_groups[name] = group
            put(self._state, group.arn, tags)
            return {"ReplicationSubnetGroup": format_subnet_group(group)}

    def modify(
        self,
        replication_subnet_group_identifier: str,
        subnet_ids: Sequence[str],
        replication_subnet_group_description: str | None = None,
    ) -> dict[str, Any]:
        """Replace the subnets of a group."""
        with self._state.lock:
            group = self._state.get_subnet_group(replication_subnet_group_identifier)
            subnets = self._find_subnets(subnet_ids)
            used = {i.place.zone for i in self._state.instances.values() if i.subnet_group is group}
            if used - {subnet.zone for subnet in subnets}:
                raise subnet_in_use()
            group.subnets = subnets
            group.description = replication_subnet_group_description or group.description
            return {"ReplicationSubnetGroup": format_subnet_group(group)}

    def delete(self, replication_subnet_group_identifier: str) -> dict[str, Any]:
        """Delete a group that no instance uses."""
        with self._state.lock:
            group = self._state.get_subnet_group(replication_subnet_group_identifier)
            if any(instance.subnet_group is group for instance in self._state.instances.values()):
                raise wrong_state(f"Replication subnet group {group.id} is in use by a replication instance")
            del self._state.subnet_groups[group.id]
            self._state.tags.pop(group.arn, None)
            return {}

    def describe(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        """Return the groups that match."""
        with self._state.lock:
            return list_page(
                self._state.subnet_groups.values(),
                filters,
                {"replication-subnet-group-id": lambda group: group.id},
                format_subnet_group,
                key="ReplicationSubnetGroups",
                what="replication subnet groups",
                marker=marker,
                size=max_records,
            )

    def _find_subnets(self, wanted: Sequence[str]) -> list[Subnet]:
        found = []
        for name in wanted:
            subnet = self._network.find_subnet(name)
            if subnet is None:
                raise invalid_subnet(f"The subnet {name} does not exist")
            found.append(subnet)
        if len({subnet.vpc for subnet in found}) > 1:
            raise invalid_subnet("The subnets of a replication subnet group must be in one VPC")
        if len({subnet.zone for subnet in found}) < 2:
            raise too_few_zones()
        return found


def require_vpc_role(account: Account) -> None:
    """Require the role dms-vpc-role with its policy. Raises AccessDeniedFault."""
    try:
        account.check_service_role(VPC_ROLE, VPC_POLICY)
    except Denied as error:
        raise access_denied(f"The IAM Role {error} is not configured properly.") from error
