"""Translate errors of AWS APIs to common.errors, with what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from common.errors import RetryableServiceError, StepFailed

THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "Throttled",  # SNS
        "ThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestThrottled",
        "RequestThrottledException",
        "EC2ThrottledException",
        "BandwidthLimitExceeded",
        "SlowDown",
        "PriorRequestNotComplete",
        "TransactionConflictException",
        "TransactionInProgressException",
        "TooManyUpdates",  # Parameter Store: another write of the same parameter
        "KMSThrottlingException",
        "KMSThrottlingFault",  # DMS
        "KmsThrottlingException",  # Step Functions
        "KMSThrottling",  # SNS
        "KmsThrottled",  # SQS
    }
)
TRANSIENT = frozenset({"RequestTimeout", "RequestTimeoutException"})
"""errors with status 400 that are no fault of the request (botocore.retries.standard)"""
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AccessDeniedFault",
        "AuthorizationError",  # SNS
        "NotAuthorized",
    }
)


def get_error_code(error: ClientError) -> str:
    """Return the code of the error, empty when it has none."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def translate_aws_errors(action: str, *, machine: str = "") -> Iterator[None]:
    """Translate errors: RetryableServiceError for throttling, failures of the service and of the network; StepFailed for all others.

    `action` names the call as IAM does (`dms:StopReplicationTask`), because that is what an operator must grant.
    """
    try:
        yield
    except ClientError as error:
        code = get_error_code(error)
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
        reason = f"{action}: {code}: {error.response.get('Error', {}).get('Message', '')}"
        if code in THROTTLED | TRANSIENT or status == 429 or status >= 500:
            raise RetryableServiceError(
                reason, machine=machine, next_action="it is retried; look at the AWS health dashboard"
            ) from error
        if code in DENIED:
            raise StepFailed(reason, machine=machine, next_action=f"allow {action} to the function's role") from error
        raise StepFailed(reason, machine=machine) from error
    except (BotoConnectionError, HTTPClientError) as error:
        raise RetryableServiceError(f"{action}: {error}", machine=machine) from error
    except BotoCoreError as error:
        raise StepFailed(f"{action}: {error}", machine=machine) from error
