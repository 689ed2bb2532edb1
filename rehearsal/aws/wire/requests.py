"""Requests as keyword arguments: {"image_id": …, "min_count": 1}, nested structures in boto3's form.

Sources: AWS Query protocol and EC2 Query protocol (https://smithy.io/2.0/aws/protocols/), botocore.serialize.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from botocore import xform_name
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.utils import parse_timestamp

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.wire.models import Service

Fields = Mapping[str, str]
_UNDERSTOOD = {"Action", "Version"}


def parse_fields(body: bytes, query: Mapping[str, Any]) -> dict[str, str]:
    """Return the form fields of the query string and of the body."""
    found = {key: value[-1] if isinstance(value, list) else value for key, value in query.items()}
    found.update(parse_qsl(body.decode(), keep_blank_values=True))
    return found


def parse(service: Service, action: str, body: bytes, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a form or a JSON document. Raises ApiError for fields that the service does not have, or of a wrong type."""
    shape = service.get_operation(action).input_shape
    if service.protocol == "json":
        values = json.loads(body or b"{}")
        found = {} if shape is None else coerce(shape, values)
    else:
        sent = parse_fields(body, query)
        reader = _FormReader(sent, ec2=service.protocol == "ec2")
        found = {} if shape is None else reader.read(shape, "") or {}
        if unknown := sent.keys() - reader.used - _UNDERSTOOD:
            raise ApiError("UnknownParameter", f"{action}: unknown parameter {min(unknown)}")
    return {xform_name(name): value for name, value in found.items()}


class _FormReader:
    """Walks an input shape and takes what the form has for it."""

    def __init__(self, sent: Fields, *, ec2: bool) -> None:
        self._sent = sent
        self._ec2 = ec2
        self.used: set[str] = set()

    def read(self, shape: Shape, prefix: str) -> Any:
        """Return the value of a shape; None when the form has no field for it."""
        if isinstance(shape, StructureShape):
            return self._read_structure(shape, prefix)
        if isinstance(shape, ListShape):
            return self._list(shape, prefix)
        if isinstance(shape, MapShape):
            return self._map(shape, prefix)
        if prefix not in self._sent:
            return None
        self.used.add(prefix)
        return coerce(shape, self._sent[prefix])

    def _read_structure(self, shape: StructureShape, prefix: str) -> dict[str, Any] | None:
        found = {}
        for name, member in shape.members.items():
            key = f"{prefix}.{self._name(name, member)}" if prefix else self._name(name, member)
            if (value := self.read(member, key)) is not None:
                found[name] = value
        return found or None

    def _name(self, name: str, member: Shape) -> str:
        serialization = member.serialization
        if not self._ec2:
            return str(serialization.get("name", name))
        if "queryName" in serialization:
            return str(serialization["queryName"])
        wire = str(serialization.get("name", name))
        return wire[0].upper() + wire[1:]

    def _list(self, shape: ListShape, prefix: str) -> list[Any] | None:
        if prefix in self._sent and not self._sent[prefix]:  # an empty list is sent as an empty field
            self.used.add(prefix)
            return []
        base = prefix
        if not self._ec2:
            inner = shape.member.serialization.get("name")
            if not shape.serialization.get("flattened"):
                base = f"{prefix}.{inner or 'member'}"
            elif inner:
                base = f"{prefix.rpartition('.')[0]}.{inner}".lstrip(".")
        found: list[Any] = []
        while (value := self.read(shape.member, f"{base}.{len(found) + 1}")) is not None:
            found.append(value)
        return found or None

    def _map(self, shape: MapShape, prefix: str) -> dict[str, Any] | None:
        base = prefix if shape.serialization.get("flattened") else f"{prefix}.entry"
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        found: dict[str, Any] = {}
        while (key := self.read(shape.key, f"{base}.{len(found) + 1}.{key_name}")) is not None:
            found[key] = self.read(shape.value, f"{base}.{len(found) + 1}.{value_name}")
        return found or None


def coerce(shape: Shape, value: Any) -> Any:
    """Return a value in the types of `shape`, also from the strings that CloudFormation makes of it ("true", "20"). Raises ApiError."""
    try:
        return _coerce(shape, value)
    except (TypeError, ValueError, AttributeError) as error:
        raise ApiError("InvalidParameterValue", f"{shape.name}: {value!r} is no {shape.type_name}") from error


def _coerce(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        if unknown := value.keys() - shape.members.keys():
            raise ApiError("UnknownParameter", f"{shape.name}: unknown parameter {min(unknown)}")
        return {name: coerce(shape.members[name], inner) for name, inner in value.items() if inner is not None}
    if isinstance(shape, ListShape):
        return [coerce(shape.member, inner) for inner in value]
    if isinstance(shape, MapShape):
        return {key: coerce(shape.value, inner) for key, inner in value.items()}
    kind = shape.type_name
    if kind == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}[value.lower()] if value.lower() in ("true", "false") else _refuse(value)
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "timestamp":
        return value if isinstance(value, datetime) else parse_timestamp(value).astimezone(UTC)
    if kind == "blob" and isinstance(value, str):
        return base64.b64decode(value)
    return str(value) if kind == "string" else value


def _refuse(value: str) -> Any:
    raise ValueError(value)
