"""Read requests of the REST JSON protocol: parameters are in the path, in the query string and in the body.

https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from botocore.model import ListShape, OperationModel, StructureShape

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.wire.sent import Sent, render_path_pattern


def read_rest(operation: OperationModel, request: Sent) -> dict[str, Any]:
    """Return the members of a request as they were sent. Raises ApiError for a body that is no JSON object, or an unknown member."""
    shape = operation.input_shape
    found = _read_body(operation.name, request.body)
    if not isinstance(shape, StructureShape):
        return found
    located = {
        name: member.serialization for name, member in shape.members.items() if "location" in member.serialization
    }
    if misplaced := found.keys() & located.keys():
        raise ApiError("ValidationException", f"{operation.name}: {min(misplaced)} does not belong in the body")
    path = operation.http["requestUri"].partition("?")[0]
    labels = re.fullmatch(render_path_pattern(path, decoded=True, named=True), request.path.rstrip("/"))
    for name, where in located.items():
        if where["location"] == "uri" and labels:
            found[name] = unquote(labels[where["name"]])
        elif where["location"] == "querystring" and where["name"] in request.query:
            found[name] = _read_query(
                request.query, str(where["name"]), many=isinstance(shape.members[name], ListShape)
            )
    return found


def _read_body(operation: str, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ApiError("SerializationException", f"{operation}: the body must be a JSON object")
    return found


def _read_query(query: Mapping[str, Any], name: str, *, many: bool) -> Any:
    values = query[name] if isinstance(query[name], list) else [query[name]]
    return values if many else values[-1]
