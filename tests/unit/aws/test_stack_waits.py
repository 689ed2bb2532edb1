"""DescribeStacks of the local CloudFormation: the CDK CLI gets its response when the change of the stack has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.aws.front import Handler
from rehearsal.aws.stack_waits import StackWaits

CDK = "aws-sdk-js/3.1 aws-cdk/2.1148.1"
OTHER = "Boto3/1.40"
ARN = "arn:aws:cloudformation:us-east-1:000000000000:stack/One/1"


class FakeRegistry:
    """A CloudFormation with one stack, whose responses are the status of this stack."""

    def __init__(self, status: str) -> None:
        self.stack = {"StackId": ARN, "StackStatus": status}
        self.handlers: dict[str, Handler] = {"cloudformation": self.respond, "s3": self.respond}

    def get_records(self, service: str, store: str) -> dict[str, Any]:
        assert (service, store) == ("cloudformation", "stacks")
        return {"One": self.stack}

    def wrap_services(self, wrapped: Callable[[str, Handler], Handler]) -> None:
        self.handlers = {scope: wrapped(scope, handler) for scope, handler in self.handlers.items()}

    async def respond(self, *_: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, self.stack["StackStatus"].encode()


def describe(
    registry: FakeRegistry,
    agent: str,
    *,
    name: str = "One",
    action: str = "DescribeStacks",
    scope: str = "cloudformation",
    ends: bool = True,
) -> str:
    """Return the status in the response to a request. The change of the stack ends after the request has arrived, unless it never `ends`."""

    async def run() -> str:
        body = f"Action={action}&Version=2010-05-15&StackName={name}".encode()
        headers = {"user-agent": agent, "content-type": "application/x-www-form-urlencoded"}
        request = asyncio.ensure_future(registry.handlers[scope]("POST", "/", headers, body, {}))
        await asyncio.sleep(0)  # it arrives
        if ends:
            registry.stack["StackStatus"] = registry.stack["StackStatus"].replace("_IN_PROGRESS", "_COMPLETE")
        return bytes((await request)[2]).decode()

    return asyncio.run(run())


@pytest.mark.parametrize("name", ["One", ARN])
@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_the_cdk_cli_gets_its_response_at_the_end_of_the_change(name: str, status: str) -> None:
    registry = FakeRegistry(status)
    StackWaits(registry)  # type: ignore[arg-type]  # the fake has what it uses
    assert describe(registry, CDK, name=name) == status.replace("_IN_PROGRESS", "_COMPLETE")


@pytest.mark.parametrize(
    ("status", "request_options"),
    [
        ("CREATE_IN_PROGRESS", {"agent": OTHER}),
        ("CREATE_IN_PROGRESS", {"agent": CDK, "action": "DescribeStackEvents"}),
        ("CREATE_IN_PROGRESS", {"agent": CDK, "name": "Another"}),
        ("CREATE_IN_PROGRESS", {"agent": CDK, "scope": "s3"}),
        ("REVIEW_IN_PROGRESS", {"agent": CDK}),
    ],
)
def test_any_other_request_gets_its_response_at_once(status: str, request_options: dict[str, Any]) -> None:
    registry = FakeRegistry(status)
    StackWaits(registry)  # type: ignore[arg-type]
    assert describe(registry, **request_options) == status


def test_a_change_that_takes_longer_than_the_limit_is_reported_as_it_is() -> None:
    registry = FakeRegistry("CREATE_IN_PROGRESS")
    StackWaits(registry, longest_seconds=0.2)  # type: ignore[arg-type]
    assert describe(registry, CDK, ends=False) == "CREATE_IN_PROGRESS"
