"""An update of AWS::AutoScaling::AutoScalingGroup by CloudFormation."""

from __future__ import annotations

from typing import Any, cast

import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.scaling.group_type import GroupType
from rehearsal.aws.scaling.models import Group, Member

OLD, NEW = {"LaunchTemplateId": "lt-1", "Version": "1"}, {"LaunchTemplateId": "lt-1", "Version": "2"}
ROLLING = {"AutoScalingRollingUpdate": {"WaitOnResourceSignals": True, "PauseTime": "PT15M"}}


class Registry:
    """CloudFormation with one group. `signals`: whether a new member reports success."""

    def __init__(self, policy: dict[str, Any] | None = None, *, signals: bool = True) -> None:
        self.definition = {"UpdatePolicy": policy} if policy else {}
        self.signals, self.handlers = signals, dict[str, Any]()

    def register_type(self, _name: str, **handlers: Any) -> None:
        self.handlers = handlers

    def find_resource(self, _stack: str, _identifier: str) -> tuple[str, dict[str, Any]]:
        return "Group", self.definition

    def wait_for_signal(self, *_: Any) -> None:
        if not self.signals:
            raise TimeoutError("no signal")


class Reconciler:
    def __init__(self, group: Group) -> None:
        self.groups = {group.name: group}

    def get(self, name: str) -> Group:
        return self.groups[name]

    def wake(self) -> None:
        for group in self.groups.values():
            while len(group.members) < group.desired:
                group.members.append(
                    Member(f"i-{len(group.members)}", "a", "t3.large", group.template, state="InService")
                )

    def wait(self, group: Group, _seconds: float) -> bool:
        self.wake()
        return len(group.members) == group.desired

    def terminate(self, group: Group, member: Member, _cause: str) -> None:
        group.members.remove(member)


def update(registry: Registry, group: Group, **changed: Any) -> None:
    GroupType(cast(Any, registry), cast(Any, Reconciler(group)))
    properties = {"MinSize": "2", "MaxSize": "4", "LaunchTemplate": OLD, "VPCZoneIdentifier": ["s"], **changed}
    registry.handlers["update"](group.name, {}, properties, "ServersStack")


@pytest.fixture
def group() -> Group:
    found = Group(name="g", minimum=2, maximum=4, desired=3, template=OLD, subnets=("s",))
    found.members += [Member(f"i-{one}", "a", "t3.medium", OLD, state="InService") for one in "abc"]
    return found


def test_an_update_keeps_the_number_that_scaling_has_set(group: Group) -> None:
    update(Registry(), group, MaxSize="5")
    assert (group.desired, group.maximum) == (3, 5)


def test_an_update_brings_the_number_within_the_new_limits(group: Group) -> None:
    update(Registry(), group, MinSize="4", MaxSize="5")
    assert group.desired == 4


def test_a_group_without_a_policy_keeps_its_members(group: Group) -> None:
    update(Registry(), group, LaunchTemplate=NEW)
    assert [one.template for one in group.members] == [OLD] * 3


def test_a_group_with_a_policy_replaces_them(group: Group) -> None:
    update(Registry(ROLLING), group, LaunchTemplate=NEW)
    assert [one.template for one in group.members] == [NEW] * 3


def test_a_missing_signal_fails_the_update(group: Group) -> None:
    with pytest.raises(ApiError, match="Received 0 SUCCESS"):
        update(Registry(ROLLING, signals=False), group, LaunchTemplate=NEW)
    assert sum(one.template == OLD for one in group.members) == 3
