"""Make the errors of Auto Scaling, by the codes of its API, and those of its CloudFormation type."""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def group_not_found(name: str) -> ApiError:
    return ApiError("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup {name} not found")


def group_exists(name: str) -> ApiError:
    return ApiError("AlreadyExists", f"AutoScalingGroup by this name already exists - {name}")


def instance_not_found(instance_id: str) -> ApiError:
    message = f"Instance Id not found - No managed instance found for instance ID: {instance_id}"
    return ApiError("ValidationError", message)


def capacity_out_of_range(wanted: int, minimum: int, maximum: int) -> ApiError:
    return ApiError("ValidationError", f"New SetDesiredCapacity value {wanted} is outside {minimum} to {maximum}")


def capacity_below_minimum(name: str) -> ApiError:
    return ApiError("ValidationError", f"Decrementing the desired capacity would violate the minimum of {name}")


def process_unknown(name: str) -> ApiError:
    return ApiError("ValidationError", f"The process {name} is not a valid scaling process type")


def not_stabilized(message: str) -> ApiError:
    return ApiError("ResourceNotStabilized", message)
