"""Replace the members of a group one by one after a change of its launch template, as CloudFormation's AutoScalingRollingUpdate does.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.scaling.models import Group, Member
from rehearsal.aws.scaling.reconciler import Reconciler

POLICY = "AutoScalingRollingUpdate"
_EMULATED = {"MaxBatchSize", "MinInstancesInService", "WaitOnResourceSignals", "PauseTime", "SuspendProcesses"}


@dataclass(frozen=True)
class RollingPolicy:
    """The part of the policy that the rehearsal emulates: batches of one member."""

    minimum_in_service: int
    waits_for_signals: bool
    pause_seconds: float

    @classmethod
    def parse(cls, resource: Mapping[str, Any]) -> Self | None:
        """Return the policy of a group's definition, None if it has none. Raises NotEmulated."""
        policy = resource.get("UpdatePolicy", {}).get(POLICY)
        if policy is None:
            return None
        if unknown := policy.keys() - _EMULATED:
            raise NotEmulated(f"{POLICY} with {', '.join(sorted(unknown))}")
        if int(policy.get("MaxBatchSize", 1)) != 1:
            raise NotEmulated(f"{POLICY} with another MaxBatchSize than 1")
        return cls(
            minimum_in_service=int(policy.get("MinInstancesInService", 0)),
            waits_for_signals=str(policy.get("WaitOnResourceSignals", "false")).lower() == "true",
            pause_seconds=_parse_minutes(policy.get("PauseTime", "PT5M")),
        )


class RollingUpdate:
    """One rolling update of a group. `wait_for_signal` blocks until one new member has reported success."""

    def __init__(self, reconciler: Reconciler, group: Group, policy: RollingPolicy) -> None:
        self._reconciler, self._group, self._policy = reconciler, group, policy

    def run(self, wait_for_signal: Callable[[float], None], settle_seconds: float) -> bool:
        """Replace each member of an older template. Return False when the group does not settle. Raises what `wait_for_signal` raises."""
        group = self._group
        for member in [one for one in group.alive if one.template != group.template]:
            has_room = group.desired < group.maximum
            if not has_room and group.desired <= self._policy.minimum_in_service:
                raise NotEmulated(f"{POLICY} with as many instances in service as the maximum of the group")
            if has_room:
                with group.lock:
                    group.desired += 1
            else:
                self._retire(member, is_replaced=True)
            self._reconciler.wake()
            if self._policy.waits_for_signals:
                wait_for_signal(self._policy.pause_seconds)
            if has_room:
                self._retire(member, is_replaced=False)
            if not self._reconciler.wait(group, settle_seconds):
                return False
        return True

    def _retire(self, member: Member, *, is_replaced: bool) -> None:
        with self._group.lock:
            if not is_replaced:
                self._group.desired -= 1
            self._reconciler.terminate(
                self._group, member, "CloudFormation replaces the instances of an older template"
            )


def _parse_minutes(text: str) -> float:
    found = re.fullmatch(r"PT(?:(\d+)M)?(?:(\d+)S)?", text)
    if found is None:
        raise NotEmulated(f"the duration {text}")
    return int(found[1] or 0) * 60.0 + int(found[2] or 0)
