"""Format database instances and snapshots as the API of RDS returns them."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.rds.models import Database, Snapshot, is_set

_NUMBERS = ("AllocatedStorage", "MaxAllocatedStorage", "BackupRetentionPeriod")


def format_instance(database: Database) -> dict[str, Any]:
    """Return an instance as DescribeDBInstances returns it."""
    properties = database.properties
    engine, version = properties["Engine"], str(properties.get("EngineVersion", ""))
    default_group = f"default.{engine}{'.'.join(version.split('.')[:2])}"
    return {
        "DBInstanceIdentifier": database.id,
        "DBInstanceArn": database.arn,
        "DBInstanceClass": properties["DBInstanceClass"],
        "DBInstanceStatus": database.status,
        "DbiResourceId": database.resource,
        "Engine": engine,
        "EngineVersion": version,
        "MasterUsername": properties["MasterUsername"],
        "Endpoint": {"Address": database.address, "Port": database.port},
        "InstanceCreateTime": database.created,
        "AvailabilityZone": database.endpoint.zone,
        "MultiAZ": is_set(properties, "MultiAZ"),
        "VpcSecurityGroups": [{"VpcSecurityGroupId": one, "Status": "active"} for one in database.endpoint.groups],
        "DBSubnetGroup": {
            "DBSubnetGroupName": properties["DBSubnetGroupName"],
            "VpcId": database.endpoint.vpc_id,
            "SubnetGroupStatus": "Complete",
        },
        "DBParameterGroups": [
            {
                "DBParameterGroupName": properties.get("DBParameterGroupName") or default_group,
                "ParameterApplyStatus": "in-sync",
            }
        ],
        "PubliclyAccessible": database.endpoint.public_ip is not None,
        "StorageEncrypted": is_set(properties, "StorageEncrypted"),
        "StorageType": properties.get("StorageType", "gp2"),
        "DeletionProtection": is_set(properties, "DeletionProtection"),
        "CopyTagsToSnapshot": is_set(properties, "CopyTagsToSnapshot"),
        "EnabledCloudwatchLogsExports": list(properties.get("EnableCloudwatchLogsExports") or ()),
        "TagList": [dict(one) for one in properties.get("Tags") or ()],
        **{name: int(properties[name]) for name in _NUMBERS if properties.get(name)},
    }


def format_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as DescribeDBSnapshots returns it."""
    properties = snapshot.properties
    return {
        "DBSnapshotIdentifier": snapshot.id,
        "DBSnapshotArn": snapshot.arn,
        "DBInstanceIdentifier": snapshot.database_id,
        "DbiResourceId": snapshot.resource,
        "SnapshotCreateTime": snapshot.created,
        "OriginalSnapshotCreateTime": snapshot.created,
        "InstanceCreateTime": snapshot.database_created,
        "SnapshotType": "manual",
        "Status": snapshot.status,
        "PercentProgress": 100 if snapshot.status == "available" else 0,
        "Engine": properties["Engine"],
        "EngineVersion": str(properties.get("EngineVersion", "")),
        "MasterUsername": properties["MasterUsername"],
        "Port": snapshot.port,
        "AvailabilityZone": snapshot.zone,
        "VpcId": snapshot.vpc_id,
        "Encrypted": is_set(properties, "StorageEncrypted"),
        "StorageType": properties.get("StorageType", "gp2"),
        "AllocatedStorage": int(properties.get("AllocatedStorage") or 0),
        "TagList": [dict(one) for one in snapshot.tags],
    }
