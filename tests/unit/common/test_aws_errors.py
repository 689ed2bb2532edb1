"""Errors of AWS: which of them are repeated."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker
from common.clients.aws import THROTTLED, TRANSIENT, translate_aws_errors
from common.errors import RetryableServiceError, StepFailed

PERMANENT = {"LimitExceededException"}
"""botocore repeats it. Parameter Store and IAM use it for quotas of the account, for which nobody should wait."""
OF_ERRORS_WITH_A_CODE_OF_THEIR_OWN = ("kms", "sns", "sqs", "ssm", "dms", "dynamodb", "stepfunctions", "lambda")


def list_throttling_codes(service: str) -> set[str]:
    """Return the codes on the wire of the errors whose names say that a service has too many requests."""
    return {
        code
        for name, code in read_error_codes(service).items()
        if "Throttl" in name or name == "TooManyRequestsException"
    }


def read_error_codes(service: str) -> dict[str, str]:
    """Return the code on the wire of each error of a service, by its name."""
    shapes: Any = botocore.session.get_session().get_service_model(service).error_shapes
    return {shape.name: shape.error_code for shape in shapes}


def test_the_denial_of_sns_names_the_right_to_grant() -> None:
    code = read_error_codes("sns")["AuthorizationErrorException"]
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    with pytest.raises(StepFailed) as failed, translate_aws_errors("sns:Publish"):
        raise ClientError(response, "Publish")  # type: ignore[arg-type]
    assert failed.value.next_action == "allow sns:Publish to the function's role"


def test_what_botocore_repeats_is_repeated() -> None:
    throttled: Any = ThrottledRetryableChecker
    transient: Any = TransientRetryableChecker
    expected = {*throttled._THROTTLED_ERROR_CODES, *transient._TRANSIENT_ERROR_CODES}
    assert expected - PERMANENT - THROTTLED - TRANSIENT == set()


@pytest.mark.parametrize("service", OF_ERRORS_WITH_A_CODE_OF_THEIR_OWN)
def test_the_throttling_of_a_service_is_known_by_its_code(service: str) -> None:
    assert list_throttling_codes(service) - THROTTLED == set()


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("RequestTimeout", 400, RetryableServiceError),
        ("RequestThrottledException", 400, RetryableServiceError),
        ("TooManyUpdates", 400, RetryableServiceError),
        ("AnythingElse", 429, RetryableServiceError),
        ("AnythingElse", 503, RetryableServiceError),
        ("LimitExceededException", 400, StepFailed),
        ("AnythingElse", 400, StepFailed),
    ],
)
def test_an_error_is_repeated_or_reported(code: str, status: int, expected: type[Exception]) -> None:
    response = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(expected, match=f"ssm:GetParameter: {code}: m"), translate_aws_errors("ssm:GetParameter"):
        raise ClientError(response, "GetParameter")  # type: ignore[arg-type]
