"""Replication subnet groups: where replication instances may live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.aws.errors import ApiError
from rehearsal.dms.api.faults import denied, exists, wrong_state
from rehearsal.dms.api.listing import Filters, listed
from rehearsal.dms.api.model import State, SubnetGroup, identifier
from rehearsal.dms.api.ports import Account, Actions, Denied, Network, Subnet
from rehearsal.dms.api.tags import put

VPC_ROLE, VPC_POLICY = "dms-vpc-role", "AmazonDMSVPCManagementRole"


class SubnetGroups:
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
        require_vpc_role(self._account)
        name = identifier(replication_subnet_group_identifier, "ReplicationSubnetGroupIdentifier")
        with self._state.lock:
            if name in self._state.subnet_groups:
                raise exists("Replication subnet group", name)
            group = SubnetGroup(name, replication_subnet_group_description, self._subnets(subnet_ids))
            self._state.subnet_groups[name] = group
            put(self._state, group.arn, tags)
            return {"ReplicationSubnetGroup": answer(group)}

    def modify(
        self,
        replication_subnet_group_identifier: str,
        subnet_ids: Sequence[str],
        replication_subnet_group_description: str | None = None,
    ) -> dict[str, Any]:
        with self._state.lock:
            group = self._state.subnet_group(replication_subnet_group_identifier)
            subnets = self._subnets(subnet_ids)
            used = {i.place.zone for i in self._state.instances.values() if i.subnet_group is group}
            if used - {subnet.zone for subnet in subnets}:
                raise ApiError("SubnetAlreadyInUse", "A subnet that a replication instance uses cannot be removed.")
            group.subnets = subnets
            group.description = replication_subnet_group_description or group.description
            return {"ReplicationSubnetGroup": answer(group)}

    def delete(self, replication_subnet_group_identifier: str) -> dict[str, Any]:
        with self._state.lock:
            group = self._state.subnet_group(replication_subnet_group_identifier)
            if any(instance.subnet_group is group for instance in self._state.instances.values()):
                raise wrong_state(f"Replication subnet group {group.id} is in use by a replication instance")
            del self._state.subnet_groups[group.id]
            self._state.tags.pop(group.arn, None)
            return {}

    def describe(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        with self._state.lock:
            return listed(
                self._state.subnet_groups.values(),
                filters,
                {"replication-subnet-group-id": lambda group: group.id},
                answer,
                key="ReplicationSubnetGroups",
                what="replication subnet groups",
                marker=marker,
                size=max_records,
            )

    def _subnets(self, wanted: Sequence[str]) -> list[Subnet]:
        found = []
        for name in wanted:
            subnet = self._network.subnet(name)
            if subnet is None:
                raise ApiError("InvalidSubnet", f"The subnet {name} does not exist")
            found.append(subnet)
        if len({subnet.vpc for subnet in found}) > 1:
            raise ApiError("InvalidSubnet", "The subnets of a replication subnet group must be in one VPC")
        if len({subnet.zone for subnet in found}) < 2:
            message = (
                "The replication subnet group doesn't meet Availability Zone (AZ) coverage requirement. Please add subnets"
                " to cover at least 2 AZs."
            )
            raise ApiError("ReplicationSubnetGroupDoesNotCoverEnoughAZs", message)
        return found


def require_vpc_role(account: Account) -> None:
    try:
        account.service_role(VPC_ROLE, VPC_POLICY)
    except Denied as error:
        raise denied(f"The IAM Role {error} is not configured properly.") from error


def answer(group: SubnetGroup) -> dict[str, Any]:
    return {
        "ReplicationSubnetGroupIdentifier": group.id,
        "ReplicationSubnetGroupDescription": group.description,
        "VpcId": group.subnets[0].vpc,
        "SubnetGroupStatus": "Complete",
        "SupportedNetworkTypes": ["IPV4"],
        "Subnets": [
            {
                "SubnetIdentifier": subnet.id,
                "SubnetAvailabilityZone": {"Name": subnet.zone},
                "SubnetStatus": "Active",
            }
            for subnet in group.subnets
        ],
    }
