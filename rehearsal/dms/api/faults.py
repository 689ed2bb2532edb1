"""DMS's faults by name. Messages of which the real wording is known have it; clients should go by the name."""

from __future__ import annotations

from rehearsal.aws.errors import ApiError


def not_found(message: str) -> ApiError:
    return ApiError("ResourceNotFoundFault", message)


def exists(what: str, identifier: str) -> ApiError:
    return ApiError("ResourceAlreadyExistsFault", f"{what} {identifier} already exists")


def wrong_state(message: str) -> ApiError:
    return ApiError("InvalidResourceStateFault", message)


def invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterValueException", message)


def contradiction(message: str) -> ApiError:
    return ApiError("InvalidParameterCombinationException", message)


def denied(message: str) -> ApiError:
    return ApiError("AccessDeniedFault", message)
