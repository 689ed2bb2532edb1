"""Make the errors of Systems Manager, by the codes of its API."""

from __future__ import annotations

from collections.abc import Iterable

from rehearsal.aws.exceptions import ApiError
from rehearsal.settings import ACCOUNT


def timeout_too_short() -> ApiError:
    return ApiError("ValidationException", "timeoutSeconds must be greater than or equal to 30")


def unknown_parameter(document: str, name: str) -> ApiError:
    return ApiError("InvalidParameters", f"{document} has no parameter {name}")


def missing_commands(document: str) -> ApiError:
    return ApiError("InvalidParameters", f"{document} needs the parameter commands")


def invalid_instances(instances: Iterable[str]) -> ApiError:
    message = f"Instances [[{', '.join(instances)}]] not in a valid state for account {ACCOUNT}"
    return ApiError("InvalidInstanceId", message)


def invocation_not_found(command_id: str, instance_id: str) -> ApiError:
    return ApiError("InvocationDoesNotExist", f"{command_id} on {instance_id}")


def command_not_found(command_id: str) -> ApiError:
    return ApiError("InvalidCommandId", command_id)
