"""An RDS without machines: what its API accepts, and what an instance has after a restore."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from rehearsal.aws.network.endpoints import Endpoint, Endpoints
from rehearsal.aws.rds.api.instances import InstanceActions
from rehearsal.aws.rds.api.snapshots import SnapshotActions
from rehearsal.aws.rds.databases import Databases
from rehearsal.aws.rds.models import Database
from rehearsal.aws.rds.servers import Servers
from rehearsal.aws.rds.snapshots import Snapshots
from rehearsal.aws.registry import Registry
from tests.waiting import wait_until

PROPERTIES: Mapping[str, Any] = {
    "DBInstanceClass": "db.t3.medium",
    "Engine": "mysql",
    "EngineVersion": "8.4.7",
    "MasterUsername": "cutover_admin",
    "DBSubnetGroupName": "group",
    "VPCSecurityGroups": ["sg-own"],
    "DBParameterGroupName": "own",
    "MultiAZ": "true",
    "AllocatedStorage": "20",
    "MaxAllocatedStorage": 100,
    "BackupRetentionPeriod": 7,
    "CopyTagsToSnapshot": True,
    "StorageEncrypted": True,
    "EnableCloudwatchLogsExports": ["error"],
    "DeletionProtection": False,
    "Tags": [{"Key": "site", "Value": "gogs"}, {"Key": "aws:cloudformation:stack-name", "Value": "DataStack"}],
}


class Records:
    """The stores of ministack."""

    def get_records(self, _: str, store: str) -> Mapping[str, Any]:
        stores: dict[str, Mapping[str, Any]] = {
            "subnet_groups": {"group": {"Subnets": [{"SubnetIdentifier": "subnet-1"}]}},
            "param_groups": {"own": {"Parameters": {"local_infile": "1"}}},
        }
        return stores[store]


class Addresses:
    """Endpoints with the VPC's default security group where none is named."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def add(self, name: str, *, subnet_id: str, groups: Any, public: bool) -> Endpoint:
        self.names.add(name)
        ip = f"10.0.0.{len(self.names)}"
        return Endpoint(
            name, subnet_id, "vpc-1", "us-east-1a", ip, tuple(groups) or ("sg-default",), "x" if public else None
        )

    def remove(self, name: str) -> None:
        self.names.discard(name)


class Disks:
    """The servers as the texts on their disks. `parameters`: with which each booted."""

    def __init__(self) -> None:
        self.disks: dict[str, str] = {}
        self.parameters: dict[str, Mapping[str, str]] = {}
        self.certified: dict[str, str] = {}

    def create(self, database: Database, parameters: Mapping[str, str], password: str) -> None:
        self.disks[database.endpoint.name], self.parameters[database.endpoint.name] = password, parameters

    def restore(self, database: Database, parameters: Mapping[str, str], disk: Path) -> None:
        self.create(database, parameters, disk.read_text())

    def take_snapshot(self, database: Database, target: Path) -> None:
        target.write_text(self.disks[database.endpoint.name])

    def rename(self, database: Database, identifier: str, address: str) -> None:
        self.certified[database.endpoint.name] = address
        assert database.id != identifier

    def remove(self, database: Database) -> None:
        del self.disks[database.endpoint.name]


class Rds:
    """The API, with an instance `site`."""

    def __init__(self, folder: Path) -> None:
        self.servers, self.addresses = Disks(), Addresses()
        self.databases = Databases(
            cast("Registry", Records()),
            cast("Servers", self.servers),
            endpoints=cast("Endpoints", self.addresses),
            apply_firewall=lambda: None,
        )
        snapshots = Snapshots(self.databases, cast("Servers", self.servers), folder)
        self.instances = InstanceActions(self.databases, snapshots)
        self.snapshots = SnapshotActions(self.databases, snapshots)
        database = self.databases.add("site", dict(PROPERTIES))
        self.servers.create(database, {"local_infile": "1"}, "rows")
        database.status = "available"

    def describe(self, identifier: str) -> dict[str, Any]:
        (found,) = self.instances.describe(identifier)["DBInstances"]
        return dict(found)

    def wait(self, identifier: str) -> dict[str, Any]:
        """Wait until the instance of this identifier is available, and return its description."""

        def is_available() -> bool:
            found = self.databases.find(identifier)
            return found is not None and found.status == "available"

        wait_until(is_available)
        return self.describe(identifier)

    def take(self, identifier: str = "before", **more: Any) -> dict[str, Any]:
        """Take a snapshot of `site`, wait for it and return its description."""
        self.snapshots.create(identifier, "site", **more)
        self.wait("site")
        (found,) = self.snapshots.describe(db_snapshot_identifier=identifier)["DBSnapshots"]
        return dict(found)


@pytest.fixture
def rds(tmp_path: Path) -> Rds:
    return Rds(tmp_path)
