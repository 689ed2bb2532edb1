"""Make the errors of MGN, by the codes of its API. Their shapes are in botocore's model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.aws.exceptions import ApiError

SERVER, JOB = "SOURCE_SERVER", "JOB"


def _error(code: str, message: str, status: int, short: str, members: Mapping[str, Any] | None = None) -> ApiError:
    """Return an error whose body has the member `code`, which a client must not take for the error's own code."""
    return ApiError(code, message, status, members={"code": short, **(members or {})})


def uninitialized() -> ApiError:
    return _error("UninitializedAccountException", "Account not initialized", 400, "UNINITIALIZED_ACCOUNT")


def invalid(message: str, *, field: str = "") -> ApiError:
    fields = {"fieldList": [{"name": field, "message": message}]} if field else {}
    reason = "fieldValidationFailed" if field else "other"
    return _error("ValidationException", message, 400, "VALIDATION", {"reason": reason, **fields})


def access_denied(message: str) -> ApiError:
    return _error("AccessDeniedException", message, 403, "ACCESS_DENIED")


def not_found(kind: str, identifier: str) -> ApiError:
    members = {"resourceId": identifier, "resourceType": kind}
    return _error("ResourceNotFoundException", f"{kind} {identifier} not found", 404, "RESOURCE_NOT_FOUND", members)


def conflict(message: str, kind: str, identifiers: Sequence[str]) -> ApiError:
    """Return the error about one or several resources in a state that the request does not fit."""
    members: dict[str, Any] = {"resourceId": identifiers[0], "resourceType": kind}
    members["errors"] = [
        {"message": message, "code": "CONFLICT", "resourceId": one, "resourceType": kind} for one in identifiers
    ]
    return _error("ConflictException", message, 409, "CONFLICT", members)


def wrong_state(verb: str, identifier: str, state: str) -> ApiError:
    if state == "CUTOVER" and verb == "ChangeServerLifeCycleState":
        message = (
            "Cannot ChangeServerLifeCycleState for a CUTOVER server. If you need to restart the migration, reinstall the "
            "Replication Agent."
        )
    else:
        message = f"Cannot {verb} for source server {identifier} in life cycle state {state}."
    return conflict(message, SERVER, [identifier])


def server_in_job(identifier: str, job: str) -> ApiError:
    return conflict(f"Source server {identifier} is already in job {job}.", SERVER, [identifier])


def still_replicating(identifier: str) -> ApiError:
    message = f"Cannot delete source server {identifier}. Source servers must not be actively replicating in order to be deleted."
    return conflict(message, SERVER, [identifier])


def quota_exceeded(what: str, code: str, value: int) -> ApiError:
    members = {"serviceCode": "mgn", "quotaCode": code, "quotaValue": value, "resourceType": JOB}
    return _error(
        "ServiceQuotaExceededException", f"Max {what} quota exceeded: {value}", 402, "QUOTA_EXCEEDED", members
    )
