"""One service: our actions run here, ministack handles the others or the service refuses them.

Actions are functions that take the request's parameters as keyword arguments in snake case and return the response in
boto3's form (None for an empty one). Their signature lists the emulated parameters. A request with another
parameter is refused with its name. They run on a thread of their own, so they may block and may call the local AWS.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from ministack.core import concurrency  # type: ignore[import-untyped]

from rehearsal.aws import wire
from rehearsal.aws.exceptions import ApiError, NotEmulated

Action = Callable[..., Mapping[str, Any] | None]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Any]]
PrivateAction = Callable[[object], Mapping[str, Any]]
"""JSON document -> JSON document"""
Changed = Callable[[str], None]
"""called with the action after something may have changed, on a thread that may block"""

_log = logging.getLogger(__name__)
_READS = ("Describe", "Get", "List", "Search", "Lookup")


@dataclass
class Front:
    """One service: our actions run here, ministack handles the others or the service refuses them."""

    service: wire.Service
    theirs: Handler | None
    ours: dict[str, Action] = field(default_factory=dict)
    passes: set[str] | None = None
    changed: Changed | None = None
    private: dict[str, PrivateAction] = field(default_factory=dict)
    """path -> action that AWS's own agents call; botocore's model has none of them"""

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        """Handle a request, with the arguments that ministack passes to the handler of a service."""
        request = wire.Sent(method, path, headers, body, query)
        action = wire.find_operation_name(self.service, request)
        if action in self.ours:
            run = concurrency.run_reentrant
            response: wire.Response = await run(_respond, self.service, action, self.ours[action], request)
            return response
        if path in self.private and method == "POST":
            private: wire.Response = await concurrency.run_reentrant(
                _respond_privately, self.service, self.private[path], body
            )
            return private
        if self.theirs is None or (self.passes is not None and action and action not in self.passes):
            _log.warning("%s %s is not emulated", self.service.name, action)
            return wire.serialize_failure(self.service, NotEmulated(f"{self.service.name} {action}"))
        status, response_headers, content = await self.theirs(method, path, headers, body, query)
        if self.changed and status < 400 and not action.startswith(_READS) and method != "GET":
            await concurrency.run_reentrant(self.changed, action)
        return status, response_headers, content


def _respond(service: wire.Service, name: str, action: Action, request: wire.Sent) -> wire.Response:
    try:
        arguments = wire.parse_arguments(service, name, request)
        arguments.pop("dry_run", None)
        _check_parameters(service, name, action, arguments)
        return wire.serialize_success(service, name, action(**arguments))
    except ApiError as error:
        return wire.serialize_failure(service, error)
    except Exception as error:  # noqa: BLE001  one request's failure, logged and returned as AWS returns its own
        _log.exception("%s %s failed", service.name, name)
        return wire.serialize_failure(service, ApiError("InternalError", f"{type(error).__name__}: {error}", 500))


def _respond_privately(service: wire.Service, action: PrivateAction, body: bytes) -> wire.Response:
    try:
        return 200, {"Content-Type": "application/json"}, json.dumps(action(json.loads(body or b"{}"))).encode()
    except ApiError as error:
        return wire.serialize_failure(service, error)
    except Exception as error:  # noqa: BLE001  as above
        _log.exception("%s: a private action failed", service.name)
        return wire.serialize_failure(service, ApiError("InternalError", f"{type(error).__name__}: {error}", 500))


def _check_parameters(service: wire.Service, name: str, action: Action, arguments: Mapping[str, Any]) -> None:
    """Check the parameters. Raises ApiError for one that the action does not take, or needs and has not got."""
    shape = service.get_operation(name).input_shape
    known = inspect.signature(action).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    for member in shape.members if shape else ():
        argument = xform_name(member)
        if argument in arguments and argument not in known and not takes_any:
            raise NotEmulated(f"{service.name} {name}: parameter {member}")
        if argument not in arguments and argument in known and known[argument].default is inspect.Parameter.empty:
            raise ApiError("MissingParameter", f"The request must contain the parameter {member}")
