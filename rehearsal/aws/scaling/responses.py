"""Format groups, members and activities as the API of Auto Scaling returns them."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.scaling.models import Activity, Group, Member


def format_group(group: Group) -> dict[str, Any]:
    """Return a group as DescribeAutoScalingGroups returns it."""
    return {
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "LaunchTemplate": {k: str(v) for k, v in group.template.items()},
        "MinSize": group.minimum,
        "MaxSize": group.maximum,
        "DesiredCapacity": group.desired,
        "DefaultCooldown": 300,
        "AvailabilityZones": sorted({member.zone for member in group.members}),
        "TargetGroupARNs": list(group.target_groups),
        "HealthCheckType": group.health_check,
        "HealthCheckGracePeriod": group.grace,
        "Instances": [
            {**format_member(member), "HealthStatus": "Healthy" if member.healthy else "Unhealthy"}
            for member in group.members
        ],
        "SuspendedProcesses": [
            {"ProcessName": name, "SuspensionReason": "User suspended"} for name in sorted(group.suspended)
        ],
        "CreatedTime": group.created,
        "VPCZoneIdentifier": ",".join(group.subnets),
        "Tags": [
            {
                "ResourceId": group.name,
                "ResourceType": "auto-scaling-group",
                "Key": tag["Key"],
                "Value": tag["Value"],
                "PropagateAtLaunch": str(tag.get("PropagateAtLaunch")).lower() == "true",
            }
            for tag in group.tags
        ],
        **({"Status": "Delete in progress"} if group.deleting else {}),
    }


def format_member(member: Member) -> dict[str, Any]:
    """Return what both descriptions of a member have in common."""
    return {
        "InstanceId": member.instance_id,
        "InstanceType": member.instance_type,
        "AvailabilityZone": member.zone,
        "LifecycleState": member.state,
        "LaunchTemplate": {k: str(v) for k, v in member.template.items()},
        "ProtectedFromScaleIn": False,
    }


def format_activity(group: Group, activity: Activity) -> dict[str, Any]:
    """Return an activity as DescribeScalingActivities returns it."""
    return {
        "ActivityId": activity.id,
        "AutoScalingGroupName": group.name,
        "Description": activity.description,
        "Cause": f"At {activity.started:%Y-%m-%dT%H:%M:%SZ} {activity.cause}.",
        "StartTime": activity.started,
        "EndTime": activity.ended,
        "StatusCode": activity.status,
        "StatusMessage": activity.message or None,
        "Progress": 100 if activity.ended else 50,
    }
