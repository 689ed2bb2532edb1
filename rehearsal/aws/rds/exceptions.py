"""Make the errors of RDS, by the codes of its API."""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def instance_not_found(identifier: str) -> ApiError:
    return ApiError("DBInstanceNotFound", f"DBInstance {identifier} not found.", 404)


def instance_exists(identifier: str) -> ApiError:
    return ApiError("DBInstanceAlreadyExists", f"DB instance {identifier} already exists")


def parameter_group_not_found(name: str) -> ApiError:
    return ApiError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)


def invalid_name(name: str) -> ApiError:
    return ApiError("InvalidParameterValue", f"The name {name!r} is not valid")
