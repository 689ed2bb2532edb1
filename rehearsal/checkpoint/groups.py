"""Restore auto scaling groups: members of the checkpoint get their disks back; a group that lost one is replaced as a whole.

A member that keeps its id keeps its place behind the balancers, which need two checks of ten seconds to trust a new one.
"""

from __future__ import annotations

from typing import Any

from rehearsal.checkpoint.context import CheckpointContext, Json, wait_until
from rehearsal.errors import RehearsalError

EMPTY_SECONDS = 60.0
SERVE_SECONDS = 120.0


def save(context: CheckpointContext) -> Json:
    """Return the members and sizes of each group by name. Raises RehearsalError for a group without its desired number of members."""
    found = {}
    for group in _list_groups(context):
        members = [one["InstanceId"] for one in group["Instances"] if one["LifecycleState"] == "InService"]
        if len(members) != len(group["Instances"]) or len(members) != group["DesiredCapacity"]:
            raise RehearsalError(
                f"the group {group['AutoScalingGroupName']} has not its {group['DesiredCapacity']} in service."
            )
        sizes = {name: group[name] for name in ("MinSize", "MaxSize", "DesiredCapacity")}
        found[group["AutoScalingGroupName"]] = {"members": members, "sizes": sizes, "check": group["HealthCheckType"]}
    return found


def suspend_balancer_checks(context: CheckpointContext, saved: Json) -> None:
    """Keep every group from replacing a member that does not respond to its balancer, because its machine is about to be stopped.

    Raises RehearsalError for a group that is gone, or that came later.
    """
    now = {group["AutoScalingGroupName"] for group in _list_groups(context)}
    if now != saved.keys():
        names = ", ".join(sorted(now ^ saved.keys()))
        raise RehearsalError(
            f"the auto scaling group {names} was made or deleted after the checkpoint: create the world again."
        )
    for name in saved:
        context.make_client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, HealthCheckType="EC2")


def resume_balancer_checks(context: CheckpointContext, saved: Json) -> None:
    """Switch the groups back to their saved type of health check."""
    for name, group in saved.items():
        context.make_client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=name, HealthCheckType=group["check"]
        )


def find_changed(context: CheckpointContext, saved: Json) -> list[str]:
    """Return the groups that have other members now."""
    now = {group["AutoScalingGroupName"]: group for group in _list_groups(context)}
    return [
        name
        for name, group in now.items()
        if {(one["InstanceId"], one["LifecycleState"]) for one in group["Instances"]}
        != {(member, "InService") for member in saved[name]["members"]}
    ]


def empty(context: CheckpointContext, names: list[str]) -> None:
    """Terminate all members of these groups, and wait for their end."""
    client = context.make_client("autoscaling")
    for name in names:
        client.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, DesiredCapacity=0)
    wait_until(
        lambda: ", ".join(
            one["InstanceId"]
            for group in _list_groups(context)
            if group["AutoScalingGroupName"] in names
            for one in group["Instances"]
        ),
        "the end of the group's members",
        EMPTY_SECONDS,
    )


def fill(context: CheckpointContext, saved: Json, names: list[str]) -> Json:
    """Set these groups to their saved sizes, and wait until their members are in service. Return all groups in the form of `save`."""
    client = context.make_client("autoscaling")
    for name in names:
        client.update_auto_scaling_group(AutoScalingGroupName=name, **saved[name]["sizes"])

    def find_missing() -> str:
        waiting = [
            group["AutoScalingGroupName"]
            for group in _list_groups(context)
            if sum(one["LifecycleState"] == "InService" for one in group["Instances"]) != group["DesiredCapacity"]
        ]
        return ", ".join(waiting)

    wait_until(find_missing, "the full number of the group's members", SERVE_SECONDS)
    return {name: {**group, "check": saved[name]["check"]} for name, group in save(context).items()}


def wait_for_healthy_targets(context: CheckpointContext) -> None:
    """Wait until every target behind every balancer is healthy."""
    client = context.make_client("elbv2")
    groups = [one["TargetGroupArn"] for one in client.describe_target_groups()["TargetGroups"]]

    def find_missing() -> str:
        descriptions = [
            one
            for arn in groups
            for one in client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        ]
        return ", ".join(
            f"{one['Target']['Id']} is {one['TargetHealth']['State']}"
            for one in descriptions
            if one["TargetHealth"]["State"] != "healthy"
        )

    wait_until(find_missing, "the health of all targets", SERVE_SECONDS)


def _list_groups(context: CheckpointContext) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = context.make_client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return found
