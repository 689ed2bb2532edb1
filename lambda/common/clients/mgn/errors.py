"""Translate errors of the MGN API to common.errors, with what to do.

StepFailed
├── Uninitialized       400: MGN was never initialized in this region of the account
├── Conflict            409: the life cycle of the server forbids the call, or the server is in a job
├── QuotaExceeded       402: blocked, not busy; names the quota
└── Missing             404
RetryableProviderError
└── Busy                429 and 5xx, with the seconds of Retry-After. Never leaves service.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from common.clients.aws import DENIED, THROTTLED, get_error_code
from common.clients.provider_retries import ProviderBusy
from common.errors import Missing, StepFailed

QUOTAS: Mapping[str, str] = {
    "L-FE2EBE17": "concurrent jobs (20, fixed)",
    "L-F1FD732F": "source servers in one job (200)",
    "L-4FF77426": "source servers in all jobs (200)",
    "L-615F978B": "concurrent jobs per source server (1)",
    "L-9A599620": "active source servers (150, adjustable)",
    "L-50980698": "source servers that are not archived (4,000, adjustable)",
    "L-967C958D": "source servers in total (50,000)",
}
"""Codes of Service Quotas, per region."""
RETRIED = "it is retried; look at the AWS health dashboard"


class Uninitialized(StepFailed):
    """MGN is not initialized in this region of the account."""


class Conflict(StepFailed):
    """The state of the source server forbids the call."""


class QuotaExceeded(StepFailed):
    """A quota of the account is reached. Retrying does not help."""


class Busy(ProviderBusy):
    """A failure of the service that may pass."""

    def __init__(self, reason: str, *, retry_after: float = 0.0, may_have_acted: bool) -> None:
        super().__init__(reason, next_action=RETRIED, retry_after=retry_after, may_have_acted=may_have_acted)


@contextmanager
def translate_mgn_errors(action: str, region: str) -> Iterator[None]:
    """Translate the errors of one call. `action` names it as IAM does: `mgn:StartTest`."""
    try:
        yield
    except ClientError as error:
        raise _translate(error, action, region) from error
    except (BotoConnectionError, HTTPClientError) as error:
        raise Busy(f"{action}: {error}", may_have_acted=True) from error
    except BotoCoreError as error:
        raise StepFailed(f"{action}: {error}") from error


def _translate(error: ClientError, action: str, region: str) -> StepFailed | Busy:
    code = get_error_code(error)
    body: Mapping[str, Any] = error.response
    status = int(body.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
    reason = f"{action}: {code}: {_format_message(body)}"
    throttled = code in THROTTLED or status == 429
    if throttled or status >= 500:
        return Busy(reason, retry_after=_retry_after(body), may_have_acted=not throttled)
    if code == "UninitializedAccountException":
        return Uninitialized(
            f"AWS MGN is not initialized in region {region} of this account",
            next_action=f"deploy ReplicationStack, which initializes it, or run: aws mgn initialize-service --region {region}",
        )
    if code == "ServiceQuotaExceededException":
        quota = str(body.get("quotaCode") or "")
        name = QUOTAS.get(quota, "a quota that the service does not name")
        return QuotaExceeded(
            f"{action}: the quota {quota or '(no code)'} is reached: {name}",
            next_action="wait for other jobs of the account to end, or request a higher quota in Service Quotas",
        )
    if code == "ConflictException":
        return Conflict(reason, next_action="look at the source server in the MGN console: its life cycle and its jobs")
    if code in DENIED:
        return StepFailed(
            reason,
            next_action=f"allow {action} to the function's role; a launch also needs the policy AWSApplicationMigrationEC2Access",
        )
    return Missing(reason) if code == "ResourceNotFoundException" else StepFailed(reason)


def _format_message(body: Mapping[str, Any]) -> str:
    """Return the message, with the fields of a validation error and the parts of a conflict."""
    details = [
        f"{one.get('name') or one.get('code') or one.get('resourceId')}: {one.get('message')}"
        for one in (*(body.get("fieldList") or []), *(body.get("errors") or []))
    ]
    return "; ".join([str(body.get("Error", {}).get("Message") or "no message"), *details])


def _retry_after(body: Mapping[str, Any]) -> float:
    headers = body.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    text = str(body.get("retryAfterSeconds") or headers.get("retry-after") or "")
    return float(text) if text.isdigit() else 0.0
