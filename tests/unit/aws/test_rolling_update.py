"""A rolling update replaces one member after the other, each after the signal of its successor."""

from __future__ import annotations

from typing import Any, cast

import pytest

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.scaling.models import Group, Member
from rehearsal.aws.scaling.rolling_update import RollingPolicy, RollingUpdate

OLD, NEW = {"LaunchTemplateId": "lt-1", "Version": "1"}, {"LaunchTemplateId": "lt-1", "Version": "2"}


class Reconciler:
    """Starts and removes members at once, and counts those in service."""

    def __init__(self, group: Group) -> None:
        self.group, self.fewest = group, len(group.members)

    def wake(self) -> None:
        while len(self.group.members) < self.group.desired:
            name = f"i-new-{sum(1 for one in self.group.members if one.template == NEW) + 1}"
            self.group.members.append(Member(name, "a", "t3.large", self.group.template, state="InService"))
        self.fewest = min(self.fewest, len(self.group.members))

    def terminate(self, group: Group, member: Member, _cause: str) -> None:
        group.members.remove(member)
        self.fewest = min(self.fewest, len(group.members))

    def wait(self, group: Group, _seconds: float) -> bool:
        self.wake()
        return len(group.members) == group.desired


@pytest.fixture
def group() -> Group:
    found = Group(name="g", minimum=2, maximum=4, desired=2, template=NEW, subnets=("s",))
    found.members += [Member(f"i-old-{number}", "a", "t3.medium", OLD, state="InService") for number in (1, 2)]
    return found


def policy(**values: Any) -> RollingPolicy:
    found = RollingPolicy.parse(
        {
            "UpdatePolicy": {
                "AutoScalingRollingUpdate": {
                    "MinInstancesInService": 2,
                    "WaitOnResourceSignals": True,
                    "PauseTime": "PT15M",
                    **values,
                }
            }
        }
    )
    assert found is not None
    return found


def test_every_member_is_replaced_and_none_is_missing_meanwhile(group: Group) -> None:
    reconciler, waits = Reconciler(group), list[float]()
    assert RollingUpdate(cast(Any, reconciler), group, policy()).run(waits.append, 1.0)
    assert [one.template for one in group.members] == [NEW, NEW]
    assert (group.desired, reconciler.fewest) == (2, 2)
    assert waits == [900.0, 900.0]


def test_a_member_without_its_signal_ends_the_update_with_the_old_members_in_service(group: Group) -> None:
    def time_out(_seconds: float) -> None:
        raise TimeoutError("no signal")

    with pytest.raises(TimeoutError):
        RollingUpdate(cast(Any, Reconciler(group)), group, policy()).run(time_out, 1.0)
    assert sum(one.template == OLD for one in group.members) == 2


def test_a_group_without_outdated_members_changes_nothing(group: Group) -> None:
    group.template = OLD
    waits = list[float]()
    assert RollingUpdate(cast(Any, Reconciler(group)), group, policy()).run(waits.append, 1.0)
    assert waits == []


def test_a_full_group_loses_a_member_first(group: Group) -> None:
    group.maximum = 2
    reconciler = Reconciler(group)
    assert RollingUpdate(cast(Any, reconciler), group, policy(MinInstancesInService=1)).run(lambda _: None, 1.0)
    assert [one.template for one in group.members] == [NEW, NEW]
    assert reconciler.fewest == 1


def test_what_is_not_emulated_is_refused() -> None:
    with pytest.raises(NotEmulated):
        policy(MinSuccessfulInstancesPercent=50)
    with pytest.raises(NotEmulated):
        policy(MaxBatchSize=2)
    assert RollingPolicy.parse({}) is None
