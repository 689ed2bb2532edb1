"""The target's instances, as the auto scaling group knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.clients.aws import aws_errors
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient

LEAVING = ("Terminating", "Terminated", "Detach", "Standby")


@dataclass(frozen=True, kw_only=True)
class Member:
    instance_id: str
    in_service: bool
    zone: str


class TargetGroupMembers:
    def __init__(self, autoscaling: AutoScalingClient, group: str) -> None:
        self._autoscaling, self._group = autoscaling, group

    def members(self) -> list[Member]:
        """Those that serve or will serve; not those that are on their way out. Oldest order of the API kept."""
        with aws_errors("autoscaling:DescribeAutoScalingGroups"):
            groups = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self._group])[
                "AutoScalingGroups"
            ]
        if len(groups) != 1:
            raise StepFailed(f"auto scaling group {self._group} does not exist", next_action="deploy MigrationStack")
        return [
            Member(
                instance_id=raw["InstanceId"],
                in_service=raw["LifecycleState"] == "InService",
                zone=raw.get("AvailabilityZone", ""),
            )
            for raw in groups[0]["Instances"]
            if not raw["LifecycleState"].startswith(LEAVING)
        ]
