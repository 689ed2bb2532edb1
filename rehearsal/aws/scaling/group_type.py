"""Make, change and delete AWS::AutoScaling::AutoScalingGroup."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.registry import Properties, Registry, Resource
from rehearsal.aws.scaling import exceptions
from rehearsal.aws.scaling.models import Group
from rehearsal.aws.scaling.reconciler import Reconciler
from rehearsal.aws.scaling.rolling_update import RollingPolicy, RollingUpdate

KIND = "AWS::AutoScaling::AutoScalingGroup"
LAUNCH_SECONDS = 300.0
_HANDLED = {
    "AutoScalingGroupName", "MinSize", "MaxSize", "DesiredCapacity", "LaunchTemplate", "VPCZoneIdentifier", "TargetGroupARNs",
    "HealthCheckType", "HealthCheckGracePeriod", "Tags", "Cooldown",
}  # fmt: skip


class GroupType:
    """A group is complete when its desired number of instances is in service."""

    def __init__(self, registry: Registry, reconciler: Reconciler) -> None:
        self._reconciler, self._registry = reconciler, registry
        registry.register_type(
            KIND,
            create=self._create,
            update=self._update,
            delete=self._delete,
            tags=True,
        )

    def _create(self, logical_id: str, properties: Properties, stack: str) -> Resource:
        name = properties.get("AutoScalingGroupName") or self._registry.generate_physical_name(
            stack, logical_id, longest=255
        )
        if name in self._reconciler.groups:
            raise exceptions.group_exists(name)
        group = Group(name=name, **_read_settings(properties))
        self._reconciler.groups[name] = group
        if not self._reconciler.wait(group, LAUNCH_SECONDS):
            failed = next(
                (one.message for one in group.activities if one.status == "Failed"), "they are not in service"
            )
            self._delete(name, properties)
            raise exceptions.not_stabilized(f"the instances of {name} could not be started: {failed}")
        return name, {"AutoScalingGroupARN": group.arn}

    def _update(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        if old.get("AutoScalingGroupName") != new.get("AutoScalingGroupName"):
            raise NotEmulated("another name for an auto scaling group")
        group = self._reconciler.get(identifier)
        with group.lock:
            settings = _read_settings(new)
            if "DesiredCapacity" not in new:  # the group keeps what scaling has made of it, within its new limits
                settings["desired"] = min(max(group.desired, settings["minimum"]), settings["maximum"])
            for key, value in settings.items():
                setattr(group, key, value)
        if not self._roll(group, stack) or not self._reconciler.wait(group, LAUNCH_SECONDS):
            raise exceptions.not_stabilized(f"{identifier} has not its desired number of instances in service")
        return identifier, {"AutoScalingGroupARN": group.arn}

    def _roll(self, group: Group, stack: str) -> bool:
        """Replace the members that have an older template, if the group's definition has a policy for it. Return whether it is done."""
        logical_id, definition = self._registry.find_resource(stack, group.name)
        policy = RollingPolicy.parse(definition)
        if policy is None:
            return True

        def wait_for_signal(seconds: float) -> None:
            try:
                self._registry.wait_for_signal(stack, logical_id, KIND, seconds)
            except (TimeoutError, RuntimeError) as error:
                raise exceptions.not_stabilized(
                    f"Received 0 SUCCESS signal(s) out of 1 of {group.name}: {error}"
                ) from error

        return RollingUpdate(self._reconciler, group, policy).run(wait_for_signal, LAUNCH_SECONDS)

    def _delete(self, identifier: str, _: Properties) -> None:
        group = self._reconciler.groups.get(identifier)
        if group is None:
            return
        group.deleting = True
        if not self._reconciler.wait(group, LAUNCH_SECONDS):
            raise exceptions.not_stabilized(
                f"the instances of {identifier} are not terminated after {LAUNCH_SECONDS:.0f} s"
            )
        self._reconciler.groups.pop(identifier, None)


def _read_settings(properties: Properties) -> dict[str, Any]:
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
