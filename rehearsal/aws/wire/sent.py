"""Read the operation and the parameters of a request in any protocol, also in those with the operation in method and path.

https://smithy.io/2.0/spec/http-bindings.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationModel

from rehearsal.aws.wire.models import Service
from rehearsal.aws.wire.requests import parse_fields

_LABEL = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True)
class Sent:
    """`headers` have names in lower case; `query` has a value or a list of values for each name."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]


def detect_protocol(service: Service, request: Sent) -> str:
    """Return the protocol of a request, and so of its response: a service can speak several."""
    if "x-amz-target" in request.headers:
        return "json"
    own = str(service.model.metadata["protocol"])
    return own if own in ("ec2", "rest-json", "rest-xml") else "query"


def find_operation_name(service: Service, request: Sent) -> str:
    """Return the operation's name; empty when the service has none like it."""
    protocol = detect_protocol(service, request)
    if protocol == "json":
        return request.headers["x-amz-target"].rpartition(".")[2]
    if protocol in ("ec2", "query"):
        return parse_fields(request.body, request.query).get("Action", "")
    model = service.model
    for decoded in (False, True):
        fitting = [
            (fit, name)
            for name in model.operation_names
            if (fit := _rate_fit(model.operation_model(name), request, decoded=decoded))
        ]
        if fitting:
            return max(fitting, key=lambda found: (found[0], -len(found[1])))[1]
    return ""


def _rate_fit(operation: OperationModel, request: Sent, *, decoded: bool) -> int:
    """Return how many parts of the request the operation requires; 0: the request is for another operation."""
    path, _, literal = operation.http["requestUri"].partition("?")
    demands = dict(parse_qsl(literal, keep_blank_values=True))
    if operation.http["method"] != request.method or not re.fullmatch(
        render_path_pattern(path, decoded=decoded), request.path.rstrip("/") or "/"
    ):
        return 0
    names = set(demands)
    members = operation.input_shape.members if operation.input_shape else {}
    for required in operation.input_shape.required_members if operation.input_shape else ():
        serialization = members[required].serialization
        if serialization.get("location") in ("querystring", "header"):
            name = str(serialization["name"])
            names.add(name if serialization["location"] == "querystring" else name.lower())
    sent = {**request.headers, **{name: _take_last(value) for name, value in request.query.items()}}
    if not names <= sent.keys() or any(value and sent[name] != value for name, value in demands.items()):
        return 0
    return 1 + len(names) + len(_LABEL.sub("", path))


def render_path_pattern(path: str, *, decoded: bool = False, named: bool = False) -> str:
    """Return a regular expression for a path with labels; `named` makes a group of each label.

    `decoded`: a label's own slashes (an ARN's) are separators again, because servers decode paths.
    """
    parts, end = [], 0
    for label in _LABEL.finditer(path):
        value = ".+" if label[2] or decoded else "[^/]+"
        parts += [re.escape(path[end : label.start()]), f"(?P<{label[1]}>{value})" if named else value]
        end = label.end()
    return "".join(parts) + re.escape(path[end:].rstrip("/") if end or path != "/" else "/")


def _take_last(value: Any) -> str:
    return str(value[-1]) if isinstance(value, list) else str(value)
