"""Handle the actions of Auto Scaling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.paging import cut_page
from rehearsal.aws.registry import Action, Registry
from rehearsal.aws.scaling import exceptions
from rehearsal.aws.scaling.models import PROCESSES, Group, Member
from rehearsal.aws.scaling.reconciler import Reconciler
from rehearsal.aws.scaling.responses import format_activity, format_group, format_member


class AutoScalingApi:
    """The actions of auto scaling. The other actions of ministack (tags, policies) have no effect here, so the service refuses them."""

    def __init__(self, registry: Registry, reconciler: Reconciler) -> None:
        self._reconciler = reconciler
        actions: dict[str, Action] = {
            "DescribeAutoScalingGroups": self.describe_groups,
            "DescribeAutoScalingInstances": self.describe_instances,
            "DescribeScalingActivities": self.describe_activities,
            "SetDesiredCapacity": self.set_desired_capacity,
            "UpdateAutoScalingGroup": self.update,
            "TerminateInstanceInAutoScalingGroup": self.terminate_instance,
            "SetInstanceHealth": self.set_health,
            "SuspendProcesses": self.suspend,
            "ResumeProcesses": self.resume,
        }
        registry.register_actions("autoscaling", actions, passes=())

    def describe_groups(
        self,
        auto_scaling_group_names: list[str] | None = None,
        next_token: str | None = None,
        max_records: int | None = None,
    ) -> Mapping[str, Any]:
        """Return the groups, or those that are named."""
        groups = [
            g
            for g in self._reconciler.groups.values()
            if not auto_scaling_group_names or g.name in auto_scaling_group_names
        ]
        found, token = cut_page(groups, next_token, max_records)
        return {"AutoScalingGroups": [format_group(group) for group in found], "NextToken": token}

    def describe_instances(
        self, instance_ids: list[str] | None = None, next_token: str | None = None, max_records: int | None = None
    ) -> Mapping[str, Any]:
        """Return the members of all groups, or those that are named."""
        members = [
            {
                **format_member(member),
                "AutoScalingGroupName": group.name,
                "HealthStatus": "HEALTHY" if member.healthy else "UNHEALTHY",
            }
            for group in self._reconciler.groups.values()
            for member in group.members
            if not instance_ids or member.instance_id in instance_ids
        ]
        found, token = cut_page(members, next_token, max_records)
        return {"AutoScalingInstances": list(found), "NextToken": token}

    def describe_activities(
        self, auto_scaling_group_name: str, next_token: str | None = None, max_records: int | None = None
    ) -> Mapping[str, Any]:
        """Return what happened in a group, the latest first."""
        group = self._reconciler.get(auto_scaling_group_name)
        found, token = cut_page(list(group.activities), next_token, max_records)
        return {"Activities": [format_activity(group, one) for one in found], "NextToken": token}

    def set_desired_capacity(
        self, auto_scaling_group_name: str, desired_capacity: int, honor_cooldown: bool = False
    ) -> None:
        """Set the desired number. Nothing cools down here."""
        del honor_cooldown  # nothing here cools down
        group = self._reconciler.get(auto_scaling_group_name)
        if not group.minimum <= desired_capacity <= group.maximum:
            raise exceptions.capacity_out_of_range(desired_capacity, group.minimum, group.maximum)
        group.desired = desired_capacity
        self._reconciler.wake()

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
        """Change what the request names of a group."""
        group = self._reconciler.get(auto_scaling_group_name)
        with group.lock:
            group.minimum = group.minimum if min_size is None else min_size
            group.maximum = group.maximum if max_size is None else max_size
            wanted = group.desired if desired_capacity is None else desired_capacity
            group.desired = min(max(wanted, group.minimum), group.maximum)
            group.template = launch_template or group.template
            group.health_check = health_check_type or group.health_check
            group.grace = group.grace if health_check_grace_period is None else health_check_grace_period
        self._reconciler.wake()

    def terminate_instance(self, instance_id: str, should_decrement_desired_capacity: bool) -> Mapping[str, Any]:
        """Terminate one member, and lower the desired capacity if the request has this option."""
        group, member = self._find(instance_id)
        if should_decrement_desired_capacity:
            if group.desired <= group.minimum:
                raise exceptions.capacity_below_minimum(group.name)
            group.desired -= 1
        self._reconciler.terminate(group, member, "a user asked for the termination of this instance")
        return {"Activity": format_activity(group, group.activities[0])}

    def set_health(self, instance_id: str, health_status: str, should_respect_grace_period: bool = True) -> None:
        """Set the health of a member; an unhealthy one is replaced."""
        del should_respect_grace_period
        group, member = self._find(instance_id)
        member.healthy = health_status == "Healthy"
        if not member.healthy:
            self._reconciler.terminate(group, member, "a user set the instance's health to Unhealthy")

    def suspend(self, auto_scaling_group_name: str, scaling_processes: list[str] | None = None) -> None:
        """Suspend processes of a group; all of them where the request names none."""
        group = self._reconciler.get(auto_scaling_group_name)
        with group.lock:
            group.suspended |= _check_processes(scaling_processes)

    def resume(self, auto_scaling_group_name: str, scaling_processes: list[str] | None = None) -> None:
        """Resume processes of a group; all of them where the request names none."""
        group = self._reconciler.get(auto_scaling_group_name)
        with group.lock:
            group.suspended -= _check_processes(scaling_processes)
        self._reconciler.wake()

    def _find(self, instance_id: str) -> tuple[Group, Member]:
        for group in self._reconciler.groups.values():
            for member in group.members:
                if member.instance_id == instance_id:
                    return group, member
        raise exceptions.instance_not_found(instance_id)


def _check_processes(names: list[str] | None) -> set[str]:
    """Return the named processes, or all. Raises ApiError for one that does not exist."""
    if unknown := {*(names or ())} - {*PROCESSES}:
        raise exceptions.process_unknown(min(unknown))
    return {*(names or PROCESSES)}
