"""Groups, their members and what happened to them."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from rehearsal.settings import ACCOUNT, REGION

PROCESSES = (
    "Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck", "InstanceRefresh",
    "ReplaceUnhealthy", "ScheduledActions",
)  # fmt: skip
"""https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html"""
LifecycleState = Literal["Pending", "InService", "Terminating"]


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass
class Member:
    """One instance of a group. `since` is when it came into service: the grace period runs from there."""

    instance_id: str
    zone: str
    instance_type: str
    template: dict[str, Any]
    state: LifecycleState = "Pending"
    healthy: bool = True
    since: datetime = field(default_factory=now)


@dataclass
class Activity:
    """One change of a group."""

    description: str
    cause: str
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    started: datetime = field(default_factory=now)
    ended: datetime | None = None
    status: Literal["InProgress", "Successful", "Failed"] = "InProgress"
    message: str = ""

    def end(self, error: str = "") -> None:
        """End it, as failed if there is a message."""
        self.ended, self.status, self.message = now(), "Failed" if error else "Successful", error


@dataclass
class Group:
    """Changed under `lock` only. `template` is the LaunchTemplateSpecification; times are seconds."""

    name: str
    minimum: int
    maximum: int
    desired: int
    template: dict[str, Any]
    subnets: tuple[str, ...]
    target_groups: tuple[str, ...] = ()
    health_check: str = "EC2"
    grace: int = 0
    tags: tuple[dict[str, Any], ...] = ()
    created: datetime = field(default_factory=now)
    members: list[Member] = field(default_factory=list)
    activities: deque[Activity] = field(default_factory=lambda: deque(maxlen=100))
    suspended: set[str] = field(default_factory=set)
    """those of PROCESSES that a user has suspended"""
    deleting: bool = False
    failing: int = 0
    """How many launches have failed in a row."""
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:0:autoScalingGroupName/{self.name}"

    @property
    def alive(self) -> list[Member]:
        """Return the members that are not being terminated."""
        return [member for member in self.members if member.state != "Terminating"]

    def runs(self, *processes: str) -> bool:
        """Return whether all of these processes run. A deletion ignores what is suspended."""
        return self.deleting or not self.suspended & {*processes}

    @property
    def checks_balancer(self) -> bool:
        """Return whether a member's health is that of its target."""
        return "ELB" in self.health_check.split(",")

    def add_activity(self, description: str, cause: str) -> Activity:
        """Begin an activity."""
        activity = Activity(description, cause)
        self.activities.appendleft(activity)
        return activity
