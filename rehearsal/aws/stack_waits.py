"""Let the CDK CLI see the end of a stack's change when it happens.

The CLI looks at a stack that changes every five seconds, so each of a migration's stacks would cost two or three seconds in which
nothing happens. The local CloudFormation keeps its response to the CLI until the change has ended. Other clients get
theirs at once.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from rehearsal.aws import wire
from rehearsal.aws.front import Handler
from rehearsal.aws.registry import Registry

CDK_CLI = "aws-cdk/"
"""in the User-Agent of each request of the CDK CLI"""
LONGEST_SECONDS = 50.0
"""A response is kept no longer, so that no client takes the connection for a broken one."""
_POLL_SECONDS = 0.1
_NOT_STARTED = "REVIEW_IN_PROGRESS"
"""the status of a new stack whose change set nobody has executed: nothing changes it"""


class StackWaits:
    """Wraps the service CloudFormation. Create it after the service's other parts are registered."""

    def __init__(self, registry: Registry, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._stacks, self._longest_seconds = registry.get_records("cloudformation", "stacks"), longest_seconds
        self._service = wire.load_service("cloudformation")
        registry.wrap_services(lambda scope, handler: self._wrap(handler) if scope == self._service.scope else handler)

    def _wrap(self, theirs: Handler) -> Handler:
        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> wire.Response:
            request = wire.Sent(method, path, headers, body, query)
            if CDK_CLI in headers.get("user-agent", ""):
                await self._wait_for_end(request)
            response: wire.Response = await theirs(method, path, headers, body, query)
            return response

        return handle

    async def _wait_for_end(self, request: wire.Sent) -> None:
        """Wait until the stack that the request describes does not change. Any other request does not wait."""
        if wire.find_operation_name(self._service, request) != "DescribeStacks":
            return
        name = wire.parse_arguments(self._service, "DescribeStacks", request).get("stack_name", "")
        deadline = time.monotonic() + self._longest_seconds
        while self._is_changing(name) and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)  # ministack has no event for a changed status

    def _is_changing(self, name: str) -> bool:
        """Return whether the stack with this name or id changes now."""
        found = [one for key, one in self._stacks.items() if name in {key, one["StackId"]}]
        statuses = [str(one["StackStatus"]) for one in found]
        return any(status.endswith("_IN_PROGRESS") and status != _NOT_STARTED for status in statuses)
