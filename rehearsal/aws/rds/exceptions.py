"""Make the errors of RDS, by the codes of its API."""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def instance_not_found(identifier: str) -> ApiError:
    return ApiError("DBInstanceNotFound", f"DBInstance {identifier} not found.", 404)


def instance_exists(identifier: str) -> ApiError:
    return ApiError("DBInstanceAlreadyExists", f"DB instance {identifier} already exists")


def instance_in_state(identifier: str, state: str) -> ApiError:
    return ApiError("InvalidDBInstanceState", f"Instance {identifier} is not in available state: it is {state}.")


def instance_protected() -> ApiError:
    message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
    return ApiError("InvalidParameterCombination", message)


def final_snapshot_required() -> ApiError:
    message = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
    return ApiError("InvalidParameterCombination", message)


def final_snapshot_not_allowed() -> ApiError:
    message = "FinalDBSnapshotIdentifier can not be specified when deleting an instance with SkipFinalSnapshot."
    return ApiError("InvalidParameterCombination", message)


def snapshot_not_found(identifier: str) -> ApiError:
    return ApiError("DBSnapshotNotFound", f"DBSnapshot {identifier} not found.", 404)


def snapshot_exists(identifier: str) -> ApiError:
    return ApiError("DBSnapshotAlreadyExists", f"Cannot create the snapshot because {identifier} already exists.")


def snapshot_in_state(identifier: str, state: str) -> ApiError:
    return ApiError("InvalidDBSnapshotState", f"Snapshot {identifier} is not in available state: it is {state}.")


def subnet_group_not_found(name: str) -> ApiError:
    return ApiError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", 404)


def parameter_group_not_found(name: str) -> ApiError:
    return ApiError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)


def invalid_name(name: str) -> ApiError:
    return ApiError("InvalidParameterValue", f"The name {name!r} is not valid")


def invalid_identifier(parameter: str, value: str) -> ApiError:
    message = (
        f"The parameter {parameter} is not a valid identifier: {value}. Identifiers must begin with a letter; must contain only"
        " ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )
    return ApiError("InvalidParameterValue", message)
