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


def role_not_trusting(role: str) -> ApiError:
    # The text is AWS's own, as public reports cite it.
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    return ApiError("ValidationException", f"Nonexistent role or missing ssm service principal in trust policy: {arn}")


def invalid_expiration() -> ApiError:
    return ApiError("ValidationException", "The expiration date must be in the future, and at most 30 days from now")


def invalid_registration_limit(limit: int) -> ApiError:
    return ApiError("ValidationException", f"registrationLimit {limit}: must be between 1 and 1000")


def activation_not_found() -> ApiError:
    return ApiError(
        "InvalidActivation",
        "The activation is not valid. The activation might have been deleted, or the ActivationId and the ActivationCode do not match.",
    )


def activation_id_not_found(activation_id: str) -> ApiError:
    return ApiError("InvalidActivationId", f"The activation ID {activation_id} is not valid")


def activation_expired(activation_id: str) -> ApiError:
    return ApiError("ActivationExpired", f"The activation {activation_id} has expired")


def activation_used_up(activation_id: str, limit: int) -> ApiError:
    # Neither the model of the API nor a public report names the code for this case.
    return ApiError(
        "ActivationExpired", f"The activation {activation_id} has reached its limit of {limit} registrations"
    )


def node_not_found(node_id: str) -> ApiError:
    return ApiError("InvalidInstanceId", f"Not existing InstanceId {node_id}")


def fingerprint_differs() -> ApiError:
    return ApiError("MachineFingerprintDoesNotMatch", "Fingerprint does not match")


def wrong_key() -> ApiError:
    return ApiError("AccessDeniedException", "The signature of the agent does not match its registration", 403)


def invalid_registration(name: str) -> ApiError:
    return ApiError("ValidationException", f"{name} is required, as text")


def unknown_address(address: str) -> ApiError:
    return ApiError("ValidationException", f"No machine of this world has the address {address}")
