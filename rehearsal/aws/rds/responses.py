"""Format database instances as the API of RDS returns them."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.rds.models import Database


def format_instance(database: Database) -> dict[str, Any]:
    """Return an instance as DescribeDBInstances returns it."""
    properties = database.properties
    return {
        "DBInstanceIdentifier": database.id,
        "DBInstanceArn": database.arn,
        "DBInstanceClass": properties["DBInstanceClass"],
        "DBInstanceStatus": database.status,
        "DbiResourceId": database.resource,
        "Engine": properties["Engine"],
        "EngineVersion": str(properties.get("EngineVersion", "")),
        "MasterUsername": properties["MasterUsername"],
        "Endpoint": {"Address": database.address, "Port": database.port},
        "InstanceCreateTime": database.created,
        "AvailabilityZone": database.endpoint.zone,
        "MultiAZ": str(properties.get("MultiAZ", "false")).lower() == "true",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": one, "Status": "active"} for one in database.endpoint.groups],
        "PubliclyAccessible": database.endpoint.public_ip is not None,
        "StorageEncrypted": str(properties.get("StorageEncrypted", "false")).lower() == "true",
    }
