"""Render responses in the service's protocol, checked against the shape that botocore has for them.

A field that AWS's response does not have, or of another type, is a mistake of the rehearsal and raises, so that no
client can come to rely on it.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.wire.models import Service

Response = tuple[int, dict[str, str], bytes]
"""HTTP status, headers, body."""
_XML = {"Content-Type": "text/xml;charset=UTF-8"}
_JSON = {"Content-Type": "application/x-amz-json-1.1"}
_REST_JSON = {"Content-Type": "application/json"}
_NO_CONTENT = 204
_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime,),
    "blob": (bytes,),
}


def serialize_success(service: Service, action: str, values: Mapping[str, Any] | None) -> Response:
    """Return the response to an action. Raises TypeError when `values` are not what AWS returns."""
    shape = service.get_operation(action).output_shape
    if values and shape is None:
        raise TypeError(f"{service.name} {action} has no response, but got {sorted(values)}")
    if service.protocol in ("json", "rest-json"):
        document = json.dumps(_convert_to_plain(shape, values or {}, action) if shape else {}).encode()
        if service.protocol == "json":
            return 200, dict(_JSON), document
        status = int(service.get_operation(action).http.get("responseCode", 200))
        return status, dict(_REST_JSON), b"" if status == _NO_CONTENT else document
    inner = render(shape, values or {}, action, ec2=service.protocol == "ec2") if shape else ""
    return 200, dict(_XML), _render_document(service, action, shape, inner).encode()


def serialize_failure(service: Service, error: ApiError, *, protocol: str = "") -> Response:
    """Return an error, in the protocol of the request if the service speaks several."""
    protocol = protocol or service.protocol
    if protocol in ("json", "rest-json"):
        content = _JSON if protocol == "json" else _REST_JSON
        body = json.dumps({"__type": error.code, "message": error.message, **error.members})
        return error.status, {**content, "x-amzn-errortype": error.code, **error.headers}, body.encode()
    details = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    request = uuid.uuid4()
    if protocol == "ec2":
        text = f"<Response><Errors><Error>{details}</Error></Errors><RequestID>{request}</RequestID></Response>"
    elif service.name == "s3":
        text = f"<Error>{details}<RequestId>{request}</RequestId></Error>"
    else:
        side = "Sender" if error.status < 500 else "Receiver"
        text = f"<Error><Type>{side}</Type>{details}</Error><RequestId>{request}</RequestId>"
        text = f"<ErrorResponse>{text}</ErrorResponse>"
    return error.status, dict(_XML), text.encode()


def _render_document(service: Service, action: str, shape: Shape | None, inner: str) -> str:
    request = uuid.uuid4()
    namespace = service.model.metadata.get("xmlNamespace") or f"http://{service.scope}.amazonaws.com/doc/"
    if service.protocol == "ec2":
        return f'<{action}Response xmlns="{namespace}">{inner}<requestId>{request}</requestId></{action}Response>'
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    inner = f"<{wrapper}>{inner}</{wrapper}>" if wrapper else inner
    meta = f"<ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata>"
    return f'<{action}Response xmlns="{namespace}">{inner}{meta}</{action}Response>'


def render(shape: Shape, value: Any, where: str, *, ec2: bool) -> str:
    """Return the XML content of the element of `value`."""
    _check(shape, value, where)
    if isinstance(shape, StructureShape):
        return "".join(
            _render_element(shape.members[name], name, inner, f"{where}.{name}", ec2=ec2)
            for name, inner in value.items()
            if inner is not None
        )
    if isinstance(shape, MapShape):
        key, content = (
            part.serialization.get("name", name) for part, name in ((shape.key, "key"), (shape.value, "value"))
        )
        return "".join(
            f"<entry><{key}>{escape(k)}</{key}><{content}>{render(shape.value, v, where, ec2=ec2)}</{content}></entry>"
            for k, v in value.items()
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    return escape(base64.b64encode(value).decode() if isinstance(value, bytes) else str(value))


def _render_element(shape: Shape, name: str, value: Any, where: str, *, ec2: bool) -> str:
    tag = shape.serialization.get("name", name)
    if not isinstance(shape, ListShape):
        return f"<{tag}>{render(shape, value, where, ec2=ec2)}</{tag}>"
    _check(shape, value, where)
    item = shape.member.serialization.get("name", "item" if ec2 else "member")
    if shape.serialization.get("flattened"):
        item = shape.member.serialization.get("name", tag)
    parts = (f"<{item}>{render(shape.member, inner, f'{where}[]', ec2=ec2)}</{item}>" for inner in value)
    return "".join(parts) if shape.serialization.get("flattened") else f"<{tag}>{''.join(parts)}</{tag}>"


def _convert_to_plain(shape: Shape, value: Any, where: str) -> Any:
    """Return a value as JSON types, with times as seconds since the epoch."""
    _check(shape, value, where)
    if isinstance(shape, StructureShape):
        return {k: _convert_to_plain(shape.members[k], v, f"{where}.{k}") for k, v in value.items() if v is not None}
    if isinstance(shape, ListShape):
        return [_convert_to_plain(shape.member, inner, f"{where}[]") for inner in value]
    if isinstance(shape, MapShape):
        return {k: _convert_to_plain(shape.value, v, f"{where}.{k}") for k, v in value.items()}
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _check(shape: Shape, value: Any, where: str) -> None:
    if isinstance(shape, StructureShape):
        if not isinstance(value, Mapping):
            raise TypeError(f"{where}: a structure, not {value!r}")
        if unknown := value.keys() - shape.members.keys():
            raise TypeError(f"{where}: AWS's response has no {', '.join(sorted(unknown))}")
    elif isinstance(shape, ListShape):
        if not isinstance(value, list | tuple):
            raise TypeError(f"{where}: a list, not {value!r}")
    elif isinstance(shape, MapShape):
        if not isinstance(value, Mapping):
            raise TypeError(f"{where}: a map, not {value!r}")
    elif not isinstance(value, _PYTHON[shape.type_name]) or (isinstance(value, bool) and shape.type_name != "boolean"):
        raise TypeError(f"{where}: {shape.type_name}, not {type(value).__name__}")
