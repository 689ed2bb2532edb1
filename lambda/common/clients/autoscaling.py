"""Read which instances the target's auto scaling group has, and whether these are all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.clients.aws import translate_aws_errors
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

LEAVING = ("Terminating", "Terminated", "Detach", "Standby")


@dataclass(frozen=True, kw_only=True)
class Member:
    """An instance of the group."""

    instance_id: str
    in_service: bool


class TargetGroupMembers:
    """The members of one auto scaling group."""

    def __init__(self, autoscaling: AutoScalingClient, balancing: ElasticLoadBalancingv2Client, group: str) -> None:
        self._autoscaling, self._balancing, self._group = autoscaling, balancing, group

    def list_members(self) -> list[Member]:
        """Return the instances that serve or will serve, in the order of the API. Instances that leave the group are left out."""
        return [
            Member(instance_id=raw["InstanceId"], in_service=raw["LifecycleState"] == "InService")
            for raw in self._describe_group()["Instances"]
            if not raw["LifecycleState"].startswith(LEAVING)
        ]

    def list_unbalanced_members(self) -> list[str]:
        """Return the members to which a load balancer sends no traffic, as `i-…: Health checks failed`. Empty: all get traffic."""
        members = [member.instance_id for member in self.list_members()]
        found = []
        for arn in self._describe_group().get("TargetGroupARNs", []):
            with translate_aws_errors("elasticloadbalancing:DescribeTargetHealth"):
                response = self._balancing.describe_target_health(TargetGroupArn=arn)
            health = {one["Target"]["Id"]: one["TargetHealth"] for one in response["TargetHealthDescriptions"]}
            for member in members:
                state = health.get(member, {"State": "unused", "Description": "not registered"})
                if state["State"] != "healthy":
                    found.append(f"{member}: {state.get('Description') or state['State']}")
        return found

    def _describe_group(self) -> AutoScalingGroupTypeDef:
        with translate_aws_errors("autoscaling:DescribeAutoScalingGroups"):
            groups = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self._group])[
                "AutoScalingGroups"
            ]
        if len(groups) != 1:
            raise StepFailed(f"auto scaling group {self._group} does not exist", next_action="deploy ServersStack")
        return groups[0]


class GroupCapacity:
    """The number of servers of one auto scaling group."""

    def __init__(self, autoscaling: AutoScalingClient, group: str) -> None:
        self._autoscaling, self._group = autoscaling, group

    def is_reached(self) -> bool:
        """Return whether the group has its desired number of instances in service, and no other. True when there is no such group."""
        with translate_aws_errors("autoscaling:DescribeAutoScalingGroups"):
            groups = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self._group])[
                "AutoScalingGroups"
            ]
        return all(
            len(group["Instances"]) == group["DesiredCapacity"]
            and all(one["LifecycleState"] == "InService" for one in group["Instances"])
            for group in groups
        )

    def find_failure(self) -> str:
        """Return why the last failed activity of the group failed, empty when none failed."""
        with translate_aws_errors("autoscaling:DescribeScalingActivities"):
            activities = self._autoscaling.describe_scaling_activities(AutoScalingGroupName=self._group)["Activities"]
        return next((one.get("StatusMessage", "") for one in activities if one["StatusCode"] == "Failed"), "")
