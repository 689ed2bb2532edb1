"""Handle the actions of RDS on database instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.paging import cut_page
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.responses import format_instance
from rehearsal.aws.registry import Action, Registry

_PASSES = ("DescribeDBSubnetGroups", "DescribeDBParameterGroups", "DescribeDBParameters")
"""actions that ministack handles with its own records"""


class RdsApi:
    """The actions of RDS on database instances. CloudFormation creates the instances (databases.py)."""

    def __init__(self, registry: Registry, databases: Databases) -> None:
        self._databases = databases
        actions: dict[str, Action] = {"DescribeDBInstances": self.describe, "RebootDBInstance": self.reboot}
        registry.register_actions("rds", actions, passes=_PASSES)

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
        database = self._databases.get(db_instance_identifier)
        self._databases.reboot(database)
        return {"DBInstance": format_instance(database)}
