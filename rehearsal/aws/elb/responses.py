"""Format the health of targets as the API of Elastic Load Balancing returns it."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.elb.models import TargetViews


def format_target_health(target: TargetViews) -> dict[str, Any]:
    """Return one target as DescribeTargetHealth returns it."""
    return {
        "Target": {"Id": target.id, "Port": target.port},
        "HealthCheckPort": str(target.port),
        "TargetHealth": _format_state(target),
    }


def _format_state(target: TargetViews) -> dict[str, Any]:
    """Return the state with its reason. A target serves when any node sees it healthy."""
    if not target.is_used:
        return {
            "State": "unused",
            "Reason": "Target.NotInUse",
            "Description": "No load balancer routes to the target group",
        }
    if any(view.up for view in target.views):
        return {"State": "healthy"}
    checked = [view for view in target.views if view.up is False]
    if len(checked) < len(target.views) or not target.views:
        return {
            "State": "initial",
            "Reason": "Elb.RegistrationInProgress",
            "Description": "The first health check has not ended",
        }
    reason = (
        "Target.Timeout"
        if "TOUT" in checked[0].why
        else "Target.ResponseCodeMismatch"
        if "L7STS" in checked[0].why
        else "Target.FailedHealthChecks"
    )
    return {"State": "unhealthy", "Reason": reason, "Description": f"Health checks failed: {checked[0].why}"}
