"""Turn a request in any protocol that the rehearsal implements into keyword arguments."""

from __future__ import annotations

from typing import Any

from botocore import xform_name

from rehearsal.aws.wire.models import Service
from rehearsal.aws.wire.requests import coerce, parse
from rehearsal.aws.wire.rest import read_rest
from rehearsal.aws.wire.sent import Sent


def parse_arguments(service: Service, action: str, request: Sent) -> dict[str, Any]:
    """Return the arguments of a request. Raises ApiError for fields that the service does not have, or of a wrong type."""
    if service.protocol != "rest-json":
        return parse(service, action, request.body, request.query)
    operation = service.get_operation(action)
    sent = read_rest(operation, request)
    found = coerce(operation.input_shape, sent) if operation.input_shape else {}
    return {xform_name(name): value for name, value in found.items()}
