"""Format images and snapshots as the API of EC2 returns them."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.ec2.models import Image, Snapshot
from rehearsal.settings import ACCOUNT

Tags = list[dict[str, str]]


def format_image(image: Image, tags: Tags) -> dict[str, Any]:
    """Return an image as DescribeImages returns it."""
    root: dict[str, Any] = {"VolumeSize": image.size, "VolumeType": "gp3", "DeleteOnTermination": True}
    if image.snapshot_id:
        root["SnapshotId"] = image.snapshot_id
    reason = {"StateReason": {"Code": "Server.InternalError", "Message": image.reason}} if image.reason else {}
    source = {"SourceInstanceId": image.source_instance} if image.source_instance else {}
    return {
        "ImageId": image.id,
        "Name": image.name,
        "ImageLocation": f"{image.owner}/{image.name}",
        "Description": image.description,
        "State": image.state,
        "OwnerId": image.owner,
        "Public": image.public,
        "Architecture": "x86_64",
        "ImageType": "machine",
        "VirtualizationType": "hvm",
        "Hypervisor": "xen",
        "EnaSupport": True,
        "PlatformDetails": "Linux/UNIX",
        "RootDeviceType": "ebs",
        "RootDeviceName": image.root_device,
        "BlockDeviceMappings": [{"DeviceName": image.root_device, "Ebs": root}],
        "CreationDate": image.created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "Tags": tags,
        **reason,
        **source,
    }


def format_snapshot(snapshot: Snapshot, tags: Tags) -> dict[str, Any]:
    """Return a snapshot as DescribeSnapshots returns it."""
    return {
        "SnapshotId": snapshot.id,
        "VolumeId": snapshot.volume_id,
        "VolumeSize": snapshot.size,
        "State": snapshot.state,
        "Progress": "100%" if snapshot.state == "completed" else "0%",
        "StartTime": snapshot.started,
        "Description": snapshot.description,
        "OwnerId": ACCOUNT,
        "Encrypted": False,
        "Tags": tags,
    }
