"""An auto scaling group keeps its number of healthy instances."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from typing import Any, cast

import pytest

from rehearsal.aws.clients import Clients
from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.registry import Registry
from rehearsal.aws.scaling.api import AutoScalingApi
from rehearsal.aws.scaling.models import Group
from rehearsal.aws.scaling.reconciler import Reconciler
from tests.waiting import wait_until


class Actions:
    """A registry that takes every action."""

    def register_actions(self, *_: Any, **__: Any) -> None:
        pass


class Cloud:
    """The calls of EC2 and ELB that a group uses. Instances run as soon as they are started."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.subnets: dict[str, str] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.registered: set[str] = set()
        self.unhealthy: set[str] = set()
        self.examined = 0
        """how often somebody looked at the instances"""
        self._ids = count(1)

    def __call__(self, _: str) -> Cloud:
        return self

    def describe_subnets(self, SubnetIds: list[str]) -> Any:  # noqa: N803
        return {"Subnets": [{"SubnetId": one, "AvailabilityZone": f"zone-{one}"} for one in SubnetIds]}

    def describe_launch_template_versions(self, **_: Any) -> Any:
        return {"LaunchTemplateVersions": [{"LaunchTemplateData": {"ImageId": "ami-1"}}]}

    def run_instances(self, **request: Any) -> Any:
        instance = f"i-{next(self._ids)}"
        assert request["LaunchTemplate"] == {"LaunchTemplateId": "lt-1", "Version": "1"}
        self.states[instance], self.subnets[instance] = "running", request["SubnetId"]
        self.tags[instance] = {tag["Key"]: tag["Value"] for tag in request["TagSpecifications"][0]["Tags"]}
        return {"Instances": [{"InstanceId": instance, "InstanceType": "t3.medium"}]}

    def terminate_instances(self, InstanceIds: list[str]) -> None:  # noqa: N803
        self.states.update(dict.fromkeys(InstanceIds, "terminated"))

    def describe_instances(self, Filters: Any) -> Any:  # noqa: N803
        self.examined += 1
        instance_ids = Filters[0]["Values"]
        found = [{"InstanceId": one, "State": {"Name": self.states[one]}} for one in instance_ids if one in self.states]
        return {"Reservations": [{"Instances": found}]}

    def register_targets(self, Targets: list[dict[str, str]], **_: Any) -> None:  # noqa: N803
        self.registered |= {one["Id"] for one in Targets}

    def deregister_targets(self, Targets: list[dict[str, str]], **_: Any) -> None:  # noqa: N803
        self.registered -= {one["Id"] for one in Targets}

    def describe_target_health(self, Targets: list[dict[str, str]], **_: Any) -> Any:  # noqa: N803
        return {
            "TargetHealthDescriptions": [
                {
                    "Target": one,
                    "TargetHealth": {
                        "State": "unhealthy" if one["Id"] in self.unhealthy else "healthy",
                        "Description": "failed",
                    },
                }
                for one in Targets
            ]
        }

    def running(self) -> set[str]:
        return {one for one, state in self.states.items() if state == "running"}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def reconciler(cloud: Cloud) -> Iterator[Reconciler]:
    reconciler = Reconciler(cast("Clients", cloud))
    yield reconciler
    reconciler.close()


@pytest.fixture
def group(reconciler: Reconciler) -> Group:
    group = Group(
        name="site",
        minimum=2,
        maximum=4,
        desired=2,
        template={"LaunchTemplateId": "lt-1", "Version": "1"},
        subnets=("a", "b"),
        target_groups=("tg",),
        health_check="ELB",
        tags=({"Key": "cutover:role", "Value": "target", "PropagateAtLaunch": True}, {"Key": "own", "Value": "x"}),
    )
    reconciler.groups[group.name] = group
    assert reconciler.wait(group, 5)
    return group


@pytest.mark.usefixtures("group")
def test_instances_are_spread_tagged_and_registered(cloud: Cloud) -> None:
    assert sorted(cloud.subnets.values()) == ["a", "b"]
    assert cloud.registered == cloud.running()
    assert all(tags == {"cutover:role": "target", "aws:autoscaling:groupName": "site"} for tags in cloud.tags.values())


def test_a_terminated_instance_is_replaced_in_its_zone(cloud: Cloud, reconciler: Reconciler, group: Group) -> None:
    # Given a terminated instance
    terminated = next(iter(cloud.running()))
    cloud.states[terminated] = "terminated"
    # When the reconciler examines the group
    wait_until(lambda: reconciler.wait(group, 5) and terminated not in {member.instance_id for member in group.members})
    # Then another one runs in the same zone and the terminated one gets no traffic
    assert sorted(cloud.subnets[one] for one in cloud.running()) == ["a", "b"]
    assert terminated not in cloud.registered
    assert any("terminated" in one.cause for one in group.activities)


def test_an_instance_that_its_load_balancer_reports_unhealthy_is_replaced(
    cloud: Cloud, reconciler: Reconciler, group: Group
) -> None:
    unhealthy = next(iter(cloud.running()))
    cloud.unhealthy.add(unhealthy)
    reconciler.wake()
    wait_until(lambda: cloud.states[unhealthy] == "terminated")
    assert reconciler.wait(group, 5)
    assert len(cloud.running()) == 2


def test_an_unhealthy_instance_within_the_grace_period_is_kept(
    cloud: Cloud, reconciler: Reconciler, group: Group
) -> None:
    group.grace = 3600
    cloud.unhealthy |= cloud.running()
    before = cloud.running()
    assert reconciler.wait(group, 5)
    assert cloud.running() == before


def test_the_deletion_of_a_group_terminates_every_instance(cloud: Cloud, reconciler: Reconciler, group: Group) -> None:
    group.deleting = True
    assert reconciler.wait(group, 5)
    assert (cloud.running(), cloud.registered) == (set(), set())


def test_a_group_that_is_deleted_during_a_launch_leaves_no_instance(
    cloud: Cloud, reconciler: Reconciler, group: Group
) -> None:
    # Given a replacement with a slow start
    started, resume = threading.Event(), threading.Event()
    run = cloud.run_instances

    def slow(**request: Any) -> Any:
        started.set()
        assert resume.wait(5)
        return run(**request)

    cloud.run_instances = slow  # type: ignore[method-assign]
    cloud.states.update(dict.fromkeys(cloud.running(), "terminated"))
    reconciler.wake()
    assert started.wait(5)
    # When the group is deleted during this start
    group.deleting = True
    threading.Timer(0.2, resume.set).start()
    assert reconciler.wait(group, 10)
    # Then the replacement is gone too
    assert cloud.running() == set()


def test_an_unhealthy_instance_is_kept_while_its_replacement_is_suspended(
    cloud: Cloud, reconciler: Reconciler, group: Group
) -> None:
    # Given a group whose processes a user has suspended, and an unhealthy instance
    api = AutoScalingApi(cast("Registry", Actions()), reconciler)
    api.suspend(group.name)
    unhealthy = next(iter(cloud.running()))
    cloud.unhealthy.add(unhealthy)
    # When the group is examined, then nothing is replaced
    seen = cloud.examined
    wait_until(lambda: cloud.examined > seen + 1)  # it is examined every second
    assert cloud.states[unhealthy] == "running"
    (shown,) = api.describe_groups([group.name])["AutoScalingGroups"]
    assert {"ReplaceUnhealthy", "Launch"} <= {one["ProcessName"] for one in shown["SuspendedProcesses"]}
    # When the user resumes them, then the instance is replaced
    api.resume(group.name)
    wait_until(lambda: cloud.states[unhealthy] == "terminated")
    assert reconciler.wait(group, 5)


def test_a_process_that_does_not_exist_cannot_be_suspended(reconciler: Reconciler, group: Group) -> None:
    with pytest.raises(ApiError, match="Wonder"):
        AutoScalingApi(cast("Registry", Actions()), reconciler).suspend(group.name, ["Launch", "Wonder"])
    assert group.suspended == set()
