"""Make the errors of AWS Backup, by the codes of its API."""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def not_found(what: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"{what} not found.", 404)


def invalid_parameter(message: str) -> ApiError:
    return ApiError("InvalidParameterValueException", message)


def vault_not_empty(name: str) -> ApiError:
    message = f"Backup vault cannot be deleted (contains recovery points): {name}"
    return ApiError("InvalidRequestException", message)


def denied(action: str, resource: str) -> ApiError:
    message = f"User is not authorized to perform: {action} on resource: {resource} with an explicit deny in a resource-based policy"
    return ApiError("AccessDeniedException", message, 403)
