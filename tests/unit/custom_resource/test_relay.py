"""What the framework receives when the function that knows the run crashes: nothing while a retry can help, and never a failure of a committed site."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from common.errors import RetryableServiceError
from custom_resource.relay import NOT_YET, TRIES, Relay
from custom_resource.resources.run import RunFailed

RUN = "m1-c-0123456789"
CREATE = {"RequestType": "Create", "PhysicalResourceId": RUN}
COMPLETE = {"IsComplete": True, "Data": {"Committed": "yes"}}
DIED: dict[str, Any] = {"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}
THROTTLED = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}}, "Invoke")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, "Invoke")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://lambda.eu-central-1.amazonaws.com")


class Functions:
    """Responses in this order, the last one repeated."""

    def __init__(self, *responses: Any) -> None:
        self.responses, self.asked = list(responses), 0

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        assert FunctionName == "is-complete"
        assert json.loads(Payload)["PhysicalResourceId"] == RUN
        self.asked += 1
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        if isinstance(response, Exception):
            raise response
        failed = {"FunctionError": "Unhandled"} if "errorType" in response else {}
        return {"Payload": io.BytesIO(json.dumps(response).encode()), **failed}


def relay(functions: Functions, committed: Callable[[str], bool] = lambda _run: False) -> Relay:
    return Relay(functions=functions, name="is-complete", is_committed=committed)


def unknown(_run: str) -> bool:
    raise RetryableServiceError("dynamodb:GetItem: throttled")


@pytest.mark.parametrize("response", [COMPLETE, NOT_YET])
@pytest.mark.parametrize("before", [(), (DIED,), (DIED, DENIED)])
def test_a_crash_is_retried_and_not_reported(response: dict[str, Any], before: tuple[Any, ...]) -> None:
    assert relay(Functions(*before, response)).ask(CREATE) == response


def test_an_error_raised_by_the_function_is_reported_at_once() -> None:
    functions = Functions({"errorType": "RunFailed", "errorMessage": "Drain: late. Next: look"})

    with pytest.raises(RunFailed, match=r"^Drain: late\. Next: look$"):
        relay(functions).ask(CREATE)
    assert functions.asked == 1


@pytest.mark.parametrize("request_type", ["Create", "Delete"])
@pytest.mark.parametrize("before", [(), (DIED,)])
@pytest.mark.parametrize("error", [THROTTLED, UNREACHABLE])
def test_a_call_that_lambda_throttles_is_left_to_the_next_poll(
    error: Exception, before: tuple[Any, ...], request_type: str
) -> None:
    functions = Functions(*before, error)

    assert relay(functions).ask({**CREATE, "RequestType": request_type}) == NOT_YET
    assert functions.asked == len(before) + 1


@pytest.mark.parametrize("death", [DIED, DENIED])
def test_a_function_that_always_crashes_fails_an_uncommitted_run(death: Any) -> None:
    functions = Functions(death)

    with pytest.raises(RunFailed, match=r"crashed 3 times: .*\. Next: read its log"):
        relay(functions).ask(CREATE)
    assert functions.asked == TRIES


@pytest.mark.parametrize("committed", [RUN.__eq__, unknown])
def test_a_function_that_always_crashes_does_not_fail_a_committed_run(committed: Callable[[str], bool]) -> None:
    assert relay(Functions(DIED), committed).ask(CREATE) == NOT_YET


def test_a_delete_does_not_wait_for_a_function_that_always_crashes() -> None:
    with pytest.raises(RunFailed):
        relay(Functions(DIED), RUN.__eq__).ask({**CREATE, "RequestType": "Delete"})
