"""Make the errors of DMS, by the codes of its API. Messages whose real wording is known have it; clients should go by the code."""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def not_found(message: str) -> ApiError:
    return ApiError("ResourceNotFoundFault", message)


def already_exists(what: str, identifier: str) -> ApiError:
    return ApiError("ResourceAlreadyExistsFault", f"{what} {identifier} already exists")


def wrong_state(message: str) -> ApiError:
    return ApiError("InvalidResourceStateFault", message)


def invalid_parameter(message: str) -> ApiError:
    return ApiError("InvalidParameterValueException", message)


def invalid_combination(message: str) -> ApiError:
    return ApiError("InvalidParameterCombinationException", message)


def invalid_certificate() -> ApiError:
    return ApiError("InvalidCertificateFault", "The certificate was not valid.")


def access_denied(message: str) -> ApiError:
    return ApiError("AccessDeniedFault", message)


def subnet_in_use() -> ApiError:
    return ApiError("SubnetAlreadyInUse", "A subnet that a replication instance uses cannot be removed.")


def invalid_subnet(message: str) -> ApiError:
    return ApiError("InvalidSubnet", message)


def too_few_zones() -> ApiError:
    message = (
        "The replication subnet group doesn't meet Availability Zone (AZ) coverage requirement. Please add subnets"
        " to cover at least 2 AZs."
    )
    return ApiError("ReplicationSubnetGroupDoesNotCoverEnoughAZs", message)
