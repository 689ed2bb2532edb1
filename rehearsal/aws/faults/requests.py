"""Faults of API calls: an error in the protocol of the service and of the request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote_plus

from rehearsal.aws import wire
from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.faults.kinds import Fault, Faults, match_kind
from rehearsal.aws.front import Handler
from rehearsal.aws.registry import Registry

_log = logging.getLogger(__name__)


class RequestFaults:
    """Wraps every service. Create it after all services are registered."""

    def __init__(self, registry: Registry, faults: Faults) -> None:
        self._faults = faults
        registry.wrap_services(self._wrap)

    def _wrap(self, scope: str, handler: Handler) -> Handler:
        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> wire.Response:
            request = wire.Sent(method, path, headers, body, query)
            fault = self._faults.find_hit(match_kind("api-error", lambda one: _is_hit(one, scope, request)))
            if fault is None:
                response: wire.Response = await handler(method, path, headers, body, query)
                return response
            _log.info("fault %d (%s %s) hits %s %s", fault.id, fault.code, fault.when, fault.service, fault.action)
            if fault.when == "after":
                await handler(method, path, headers, body, query)
            headers = {"Retry-After": f"{fault.seconds:g}"} if fault.seconds else {}
            error = ApiError(fault.code, fault.message or "Ordered by the rehearsal", fault.status, headers=headers)
            service = wire.load_service(fault.service)
            return wire.serialize_failure(service, error, protocol=wire.detect_protocol(service, request))

        return handle


def _is_hit(fault: Fault, scope: str, request: wire.Sent) -> bool:
    service = wire.load_service(fault.service)
    if service.scope != scope or fault.body not in _join_text(request.path, request.query, request.body):
        return False
    return fnmatchcase(wire.find_operation_name(service, request), fault.action)


def _join_text(path: str, query: Mapping[str, Any], body: bytes) -> str:
    """Return the whole text of a request: path, query and body, the body also with its form encoding removed."""
    text = body.decode(errors="replace")
    return f"{path} {query} {text} {unquote_plus(text)}"
