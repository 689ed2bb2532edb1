"""Make the errors of Elastic Load Balancing, by the codes of its API."""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def target_group_not_found(arn: str) -> ApiError:
    """Make the error for an ARN that no target group has."""
    return ApiError("TargetGroupNotFound", f"Target group '{arn}' not found")
