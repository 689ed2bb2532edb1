"""boto3 clients whose requests go to simulators. botocore stands between, and both directions are held against its service models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.model import OperationModel, Shape

REGION, ACCOUNT = "eu-west-1", "111122223333"
OPEN = frozenset({"JobLogEvent", "ISO8601DatetimeString"})
"""Shapes of which the real service returns values outside of its model: the event LAUNCH_END, and dates with an offset."""


class ApiError(Exception):
    """An error response. `members` are those of its shape."""

    def __init__(self, code: str, message: str, status: int = 400, *, retry_after: str = "", **members: Any) -> None:
        super().__init__(message)
        self.code, self.status, self.members = code, status, members
        self.headers = {"Retry-After": retry_after} if retry_after else {}


class LostAnswer(Exception):
    """The service has acted, and its response does not arrive."""


class Simulator(Protocol):
    """One service."""

    def do(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]: ...


class Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


class Account:
    """Returns clients as boto3 does (common.clients.provider.Clients). A simulator that is missing is a service that must not be called."""

    def __init__(self, simulators: Mapping[str, Simulator]) -> None:
        self._simulators = simulators

    def __call__(self, service: str) -> Any:
        client, current = _client(service)
        current["simulator"] = self._simulators[service]
        return client


@cache
def _client(service: str) -> tuple[Any, dict[str, Any]]:
    """Return one client for all tests, because a client takes long to make, and the place of its present simulator."""
    current: dict[str, Any] = {}
    client = boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    model = client.meta.service_model

    def keep(params: dict[str, Any], **_: Any) -> None:
        current["parameters"] = params

    def respond(model: OperationModel, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        return _call_parsed(current["simulator"], model, current["parameters"])

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        operation = model.operation_model(urlsplit(request.url).path.strip("/"))
        return _call_json(current["simulator"], operation, request)

    if model.metadata["protocol"] == "rest-json":
        client.meta.events.register("before-send", send)
    else:
        client.meta.events.register("provide-client-params", keep)
        client.meta.events.register("before-call", respond)
    return client, current


def _call_json(simulator: Simulator, operation: OperationModel, request: AWSPreparedRequest) -> AWSResponse:
    """Answer on the wire, with the header that names the error: without it botocore takes the member `code` for it."""
    body: Any = request.body or b"{}"
    parameters = json.loads(body)
    if operation.input_shape is not None:
        check(parameters, operation.input_shape, open_shapes=frozenset())
    try:
        result = simulator.do(operation.name, parameters)
    except ApiError as error:
        content = {"message": str(error), "code": error.code.removesuffix("Exception"), **error.members}
        return _respond(request.url, error.status, content, {"x-amzn-ErrorType": error.code, **error.headers})
    if operation.output_shape is not None:
        check(result, operation.output_shape, open_shapes=OPEN)
    return _respond(request.url, operation.http["responseCode"], result, {})


def _call_parsed(
    simulator: Simulator, operation: OperationModel, parameters: dict[str, Any]
) -> tuple[AWSResponse, dict[str, Any]]:
    """Answer behind botocore's serializer, which has checked the parameters."""
    if operation.input_shape is not None:
        check(parameters, operation.input_shape, open_shapes=frozenset())
    try:
        result = simulator.do(operation.name, parameters)
    except ApiError as error:
        parsed = {"Error": {"Code": error.code, "Message": str(error)}}
        return _respond("", error.status, {}, {}), {**parsed, "ResponseMetadata": {"HTTPStatusCode": error.status}}
    if operation.output_shape is not None:
        check(result, operation.output_shape, open_shapes=OPEN)
    return _respond("", 200, {}, {}), {**result, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _respond(url: str, status: int, content: Mapping[str, Any], headers: Mapping[str, str]) -> AWSResponse:
    raw: Any = Raw(json.dumps(content).encode())
    given: Any = {"content-type": "application/json", **headers}
    return AWSResponse(url, status, given, raw)


def check(value: Any, shape: Shape, *, open_shapes: frozenset[str], path: str = "") -> None:
    """Hold a value against a shape: members, types, enumerations, patterns. botocore itself checks neither enumerations nor patterns."""
    at = f"{path or shape.name} = {value!r:.80}"
    described: Any = shape
    match shape.type_name:
        case "structure":
            assert isinstance(value, dict), f"{at} is no structure"
            unknown = set(value) - set(described.members)
            missing = set(described.required_members) - set(value)
            assert not unknown, f"{path or shape.name} has unknown members: {unknown}"
            assert not missing, f"{path or shape.name} lacks {missing}"
            for name, one in value.items():
                check(one, described.members[name], open_shapes=open_shapes, path=f"{path}.{name}")
        case "list":
            assert isinstance(value, list), f"{at} is no list"
            assert len(value) <= described.metadata.get("max", 10_000), f"{at} is too long"
            for index, one in enumerate(value):
                check(one, described.member, open_shapes=open_shapes, path=f"{path}[{index}]")
        case "map":
            for name, one in value.items():
                check(name, described.key, open_shapes=open_shapes, path=f"{path}.{name}")
                check(one, described.value, open_shapes=open_shapes, path=f"{path}.{name}")
        case "string":
            assert isinstance(value, str), f"{at} is no string"
            if shape.name not in open_shapes:
                allowed = described.metadata.get("enum")
                assert not allowed or value in allowed, f"{at} is none of {allowed}"
                pattern = described.metadata.get("pattern")
                assert not pattern or _matches(pattern, value), f"{at} does not match {pattern}"
        case "boolean":
            assert isinstance(value, bool), f"{at} is no boolean"
        case "integer" | "long":
            assert type(value) is int, f"{at} is no whole number"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:  # written for another engine
        return True
