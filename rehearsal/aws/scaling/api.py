"""The auto scaling API and AWS::AutoScaling::AutoScalingGroup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.errors import ApiError, NotEmulated
from rehearsal.aws.paging import page
from rehearsal.aws.registry import Action, Properties, Registry, Resource
from rehearsal.aws.scaling.keeper import Keeper
from rehearsal.aws.scaling.model import Activity, Group, Member

LAUNCH_SECONDS = 300.0
_HANDLED = {
    "AutoScalingGroupName", "MinSize", "MaxSize", "DesiredCapacity", "LaunchTemplate", "VPCZoneIdentifier", "TargetGroupARNs",
    "HealthCheckType", "HealthCheckGracePeriod", "Tags", "Cooldown",
}  # fmt: skip


class AutoScaling:
    """What ministack answers of auto scaling besides (tags, policies) has no effect here, so it is refused."""

    def __init__(self, registry: Registry, keeper: Keeper) -> None:
        self._keeper, self._registry = keeper, registry
        actions: dict[str, Action] = {
            "DescribeAutoScalingGroups": self.describe_groups,
            "DescribeAutoScalingInstances": self.describe_instances,
            "DescribeScalingActivities": self.describe_activities,
            "SetDesiredCapacity": self.set_desired_capacity,
            "UpdateAutoScalingGroup": self.update,
            "TerminateInstanceInAutoScalingGroup": self.terminate_instance,
            "SetInstanceHealth": self.set_health,
        }
        registry.actions("autoscaling", actions, passes=())
        registry.cloudformation_type(
            "AWS::AutoScaling::AutoScalingGroup",
            create=self._create,
            update=self._update,
            delete=self._delete,
            tags=True,
        )

    def group(self, name: str) -> Group:
        """Raises ApiError as AWS does."""
        if name not in self._keeper.groups:
            raise ApiError("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup {name} not found")
        return self._keeper.groups[name]

    # Actions

    def describe_groups(
        self,
        auto_scaling_group_names: list[str] | None = None,
        next_token: str | None = None,
        max_records: int | None = None,
    ) -> Mapping[str, Any]:
        groups = [
            g
            for g in self._keeper.groups.values()
            if not auto_scaling_group_names or g.name in auto_scaling_group_names
        ]
        found, token = page(groups, next_token, max_records)
        return {"AutoScalingGroups": [_described(group) for group in found], "NextToken": token}

    def describe_instances(
        self, instance_ids: list[str] | None = None, next_token: str | None = None, max_records: int | None = None
    ) -> Mapping[str, Any]:
        members = [
            {
                **_member(member),
                "AutoScalingGroupName": group.name,
                "HealthStatus": "HEALTHY" if member.healthy else "UNHEALTHY",
            }
            for group in self._keeper.groups.values()
            for member in group.members
            if not instance_ids or member.instance_id in instance_ids
        ]
        found, token = page(members, next_token, max_records)
        return {"AutoScalingInstances": list(found), "NextToken": token}

    def describe_activities(
        self, auto_scaling_group_name: str, next_token: str | None = None, max_records: int | None = None
    ) -> Mapping[str, Any]:
        group = self.group(auto_scaling_group_name)
        found, token = page(list(group.activities), next_token, max_records)
        return {"Activities": [_activity(group, one) for one in found], "NextToken": token}

    def set_desired_capacity(
        self, auto_scaling_group_name: str, desired_capacity: int, honor_cooldown: bool = False
    ) -> None:
        del honor_cooldown  # nothing here cools down
        group = self.group(auto_scaling_group_name)
        if not group.minimum <= desired_capacity <= group.maximum:
            message = f"New SetDesiredCapacity value {desired_capacity} is outside {group.minimum} to {group.maximum}"
            raise ApiError("ValidationError", message)
        group.desired = desired_capacity
        self._keeper.poke()

    def update(
        self,
        auto_scaling_group_name: str,
        min_size: int | None = None,
        max_size: int | None = None,
        desired_capacity: int | None = None,
        launch_template: dict[str, Any] | None = None,
        health_check_type: str | None = None,
        health_check_grace_period: int | None = None,
    ) -> None:
        group = self.group(auto_scaling_group_name)
        with group.lock:
            group.minimum = group.minimum if min_size is None else min_size
            group.maximum = group.maximum if max_size is None else max_size
            wanted = group.desired if desired_capacity is None else desired_capacity
            group.desired = min(max(wanted, group.minimum), group.maximum)
            group.template = launch_template or group.template
            group.health_check = health_check_type or group.health_check
            group.grace = group.grace if health_check_grace_period is None else health_check_grace_period
        self._keeper.poke()

    def terminate_instance(self, instance_id: str, should_decrement_desired_capacity: bool) -> Mapping[str, Any]:
        group, member = self._find(instance_id)
        if should_decrement_desired_capacity:
            if group.desired <= group.minimum:
                raise ApiError(
                    "ValidationError", f"Decrementing the desired capacity would violate the minimum of {group.name}"
                )
            group.desired -= 1
        self._keeper.terminate(group, member, "a user asked for the termination of this instance")
        return {"Activity": _activity(group, group.activities[0])}

    def set_health(self, instance_id: str, health_status: str, should_respect_grace_period: bool = True) -> None:
        del should_respect_grace_period
        group, member = self._find(instance_id)
        member.healthy = health_status == "Healthy"
        if not member.healthy:
            self._keeper.terminate(group, member, "a user set the instance's health to Unhealthy")

    def _find(self, instance_id: str) -> tuple[Group, Member]:
        for group in self._keeper.groups.values():
            for member in group.members:
                if member.instance_id == instance_id:
                    return group, member
        raise ApiError(
            "ValidationError", f"Instance Id not found - No managed instance found for instance ID: {instance_id}"
        )

    # CloudFormation

    def _create(self, logical_id: str, properties: Properties, stack: str) -> Resource:
        name = properties.get("AutoScalingGroupName") or self._registry.physical_name(stack, logical_id, longest=255)
        if name in self._keeper.groups:
            raise ApiError("AlreadyExists", f"AutoScalingGroup by this name already exists - {name}")
        group = Group(name=name, **_settings(properties))
        self._keeper.groups[name] = group
        if not self._keeper.wait(group, LAUNCH_SECONDS):
            failed = next(
                (one.message for one in group.activities if one.status == "Failed"), "they are not in service"
            )
            self._delete(name, properties)
            raise ApiError("ResourceNotStabilized", f"the instances of {name} could not be started: {failed}")
        return name, {"AutoScalingGroupARN": group.arn}

    def _update(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        del stack
        if old.get("AutoScalingGroupName") != new.get("AutoScalingGroupName"):
            raise NotEmulated("another name for an auto scaling group")
        group = self.group(identifier)
        with group.lock:
            for key, value in _settings(new).items():
                setattr(group, key, value)
        if not self._keeper.wait(group, LAUNCH_SECONDS):
            raise ApiError("ResourceNotStabilized", f"{identifier} has not its desired number of instances in service")
        return identifier, {"AutoScalingGroupARN": group.arn}

    def _delete(self, identifier: str, _: Properties) -> None:
        group = self._keeper.groups.get(identifier)
        if group is None:
            return
        group.deleting = True
        if not self._keeper.wait(group, LAUNCH_SECONDS):
            raise ApiError(
                "ResourceNotStabilized",
                f"the instances of {identifier} are not terminated after {LAUNCH_SECONDS:.0f} s",
            )
        self._keeper.groups.pop(identifier, None)


def _settings(properties: Properties) -> dict[str, Any]:
    if unknown := properties.keys() - _HANDLED:
        raise NotEmulated(f"AWS::AutoScaling::AutoScalingGroup with {', '.join(sorted(unknown))}")
    minimum = int(properties["MinSize"])
    return {
        "minimum": minimum,
        "maximum": int(properties["MaxSize"]),
        "desired": int(properties.get("DesiredCapacity") or minimum),
        "template": dict(properties["LaunchTemplate"]),
        "subnets": tuple(properties["VPCZoneIdentifier"]),
        "target_groups": tuple(properties.get("TargetGroupARNs") or ()),
        "health_check": properties.get("HealthCheckType") or "EC2",
        "grace": int(properties.get("HealthCheckGracePeriod") or 0),
        "tags": tuple(properties.get("Tags") or ()),
    }


def _described(group: Group) -> dict[str, Any]:
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
            {**_member(member), "HealthStatus": "Healthy" if member.healthy else "Unhealthy"}
            for member in group.members
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


def _member(member: Member) -> dict[str, Any]:
    return {
        "InstanceId": member.instance_id,
        "InstanceType": member.instance_type,
        "AvailabilityZone": member.zone,
        "LifecycleState": member.state,
        "LaunchTemplate": {k: str(v) for k, v in member.template.items()},
        "ProtectedFromScaleIn": False,
    }


def _activity(group: Group, activity: Activity) -> dict[str, Any]:
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
