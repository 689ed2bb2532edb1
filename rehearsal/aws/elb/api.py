"""Handle DescribeTargetHealth: target health is the result of the balancers' own checks. No API call sets it."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.elb.load_balancers import LoadBalancers
from rehearsal.aws.elb.responses import format_target_health
from rehearsal.aws.registry import Registry


class ElbApi:
    """The actions of load balancing. ministack handles the others."""

    def __init__(self, registry: Registry, balancers: LoadBalancers) -> None:
        self._balancers = balancers
        registry.register_actions("elbv2", {"DescribeTargetHealth": self.describe_target_health})

    def describe_target_health(
        self, target_group_arn: str, targets: list[dict[str, Any]] | None = None
    ) -> dict[str, Any]:
        """Return the health of the registered targets, or of those that the request names."""
        wanted = None if not targets else {one["Id"] for one in targets}
        checked = self._balancers.check_targets(target_group_arn)
        return {
            "TargetHealthDescriptions": [
                format_target_health(one) for one in checked if wanted is None or one.id in wanted
            ]
        }
