"""What the framework is told when the function that knows the run dies: nothing, as long as that helps, and never that a committed site failed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from common.errors import RetryableServiceError
from custom_resource.relay import NOT_YET, TRIES, Relay
from custom_resource.resources.run import RunFailed

RUN = "m1-c-0123456789"
CREATE = {"RequestType": "Create", "PhysicalResourceId": RUN}
COMPLETE = {"IsComplete": True, "Data": {"Committed": "yes"}}
DIED: dict[str, Any] = {"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}
THROTTLED = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}}, "Invoke")


class Functions:
    """Answers in this order, the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), 0

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        assert FunctionName == "is-complete"
        assert json.loads(Payload)["PhysicalResourceId"] == RUN
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        failed = {"FunctionError": "Unhandled"} if "errorType" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}


def relay(functions: Functions, committed: Callable[[str], bool] = lambda _run: False) -> Relay:
    return Relay(functions=functions, name="is-complete", committed=committed)


def unknown(_run: str) -> bool:
    raise RetryableServiceError("dynamodb:GetItem: throttled")


@pytest.mark.parametrize("answer", [COMPLETE, NOT_YET])
@pytest.mark.parametrize("before", [(), (DIED,), (DIED, THROTTLED)])
def test_a_death_is_not_passed_on(answer: dict[str, Any], before: tuple[Any, ...]) -> None:
    assert relay(Functions(*before, answer)).ask(CREATE) == answer


def test_what_the_function_says_itself_is_passed_on_at_once() -> None:
    functions = Functions({"errorType": "RunFailed", "errorMessage": "Drain: late. Next: look"})

    with pytest.raises(RunFailed, match=r"^Drain: late\. Next: look$"):
        relay(functions).ask(CREATE)
    assert functions.asked == 1


@pytest.mark.parametrize("death", [DIED, THROTTLED])
def test_one_that_always_dies_fails_a_run_that_is_not_committed(death: Any) -> None:
    functions = Functions(death)

    with pytest.raises(RunFailed, match=r"died 3 times: .*\. Next: read its log"):
        relay(functions).ask(CREATE)
    assert functions.asked == TRIES


@pytest.mark.parametrize("committed", [RUN.__eq__, unknown])
def test_one_that_always_dies_fails_no_committed_site(committed: Callable[[str], bool]) -> None:
    assert relay(Functions(DIED), committed).ask(CREATE) == NOT_YET


def test_a_delete_does_not_wait_for_one_that_always_dies() -> None:
    with pytest.raises(RunFailed):
        relay(Functions(DIED), RUN.__eq__).ask({**CREATE, "RequestType": "Delete"})
