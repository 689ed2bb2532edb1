"""The actions of RDS. CloudFormation, or a restore, creates the instances (databases.py)."""

from __future__ import annotations

from rehearsal.aws.rds.api.instances import InstanceActions
from rehearsal.aws.rds.api.snapshots import SnapshotActions
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.snapshots import Snapshots
from rehearsal.aws.registry import Registry

_PASSES = ("DescribeDBSubnetGroups", "DescribeDBParameterGroups", "DescribeDBParameters")
"""actions that ministack handles with its own records"""


class RdsApi:
    """Registers the actions on instances and snapshots."""

    def __init__(self, registry: Registry, databases: Databases, snapshots: Snapshots) -> None:
        table = {**InstanceActions(databases, snapshots).table, **SnapshotActions(databases, snapshots).table}
        registry.register_actions("rds", table, passes=_PASSES)
