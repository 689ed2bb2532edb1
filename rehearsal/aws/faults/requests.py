"""Faults of API calls: an error in the protocol of the service and of the request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote_plus

from rehearsal.aws import wire
from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.faults.kinds import Fault, Faults, of_kind
from rehearsal.aws.front import Handler
from rehearsal.aws.registry import Registry

_log = logging.getLogger(__name__)


class RequestFaults:
    """Wraps every service. Create it after all services are registered."""

    def __init__(self, registry: Registry, faults: Faults) -> None:
        self._faults = faults
        registry.around_services(self._wrapped)

    def _wrapped(self, scope: str, handler: Handler) -> Handler:
        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> wire.Response:
            request = wire.Sent(method, path, headers, body, query)
            fault = self._faults.find_hit(of_kind("api-error", lambda one: _hits(one, scope, request)))
            if fault is None:
                response: wire.Response = await handler(method, path, headers, body, query)
                return response
            _log.info("fault %d (%s %s) hits %s %s", fault.id, fault.code, fault.when, fault.service, fault.action)
            if fault.when == "after":
                await handler(method, path, headers, body, query)
            headers = {"Retry-After": f"{fault.seconds:g}"} if fault.seconds else {}
            error = ApiError(fault.code, fault.message or "Ordered by the rehearsal", fault.status, headers=headers)
            service = wire.service(fault.service)
            return wire.failure(service, error, protocol=wire.protocol_of(service, request))

        return handle


def _hits(fault: Fault, scope: str, request: wire.Sent) -> bool:
    service = wire.service(fault.service)
    if service.scope != scope or fault.body not in _text(request.path, request.query, request.body):
        return False
    return fnmatchcase(wire.name_of(service, request), fault.action)


def _text(path: str, query: Mapping[str, Any], body: bytes) -> str:
    """Return the whole text of a request: path, query and body, the body also with its form encoding removed."""
    text = body.decode(errors="replace")
    return f"{path} {query} {text} {unquote_plus(text)}"
