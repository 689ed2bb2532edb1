"""Conventions of the published API: errors, dates, lists, bodies. Keys are case-sensitive."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
PAGE = 1500
"""Default and maximum of `limit`."""
CODES = {
    400: "badRequest",
    401: "unauthorized",
    402: "licenseExpired",
    403: "forbidden",
    404: "notFound",
    405: "methodNotAllowed",
    409: "conflict",
    422: "unprocessable",
    429: "tooManyRequests",
    500: "internalError",
}


class ApiError(Exception):
    """Answered as `{"message": …, "code": …}` with `status`."""

    def __init__(self, status: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "code": code or CODES.get(status, "error")}


def now() -> datetime:
    return datetime.now(UTC)


def date(moment: datetime) -> str:
    """RFC 3339 with microseconds and +00:00: 2017-11-09T20:07:47.123456+00:00."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def new_id() -> str:
    return str(uuid.uuid4())


def page(items: Sequence[Json], query: Mapping[str, str]) -> Json:
    """One window of a list. Raises ApiError 422 when offset or limit is not a number in range."""
    offset = _number(query, "offset", 0, low=0)
    limit = _number(query, "limit", PAGE, low=1, high=PAGE)
    return {"items": list(items[offset : offset + limit])}


def fields(body: object, *, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> Json:
    """The body when it is an object with these keys of these types and no other. Raises ApiError 422 that names the key."""
    if not isinstance(body, dict):
        raise ApiError(422, "The body must be a JSON object")
    known = {**(optional or {}), **required}
    for key in required:
        if key not in body:
            raise ApiError(422, f"{key}: is required")
    for key, value in body.items():
        if key not in known:
            raise ApiError(422, f"{key}: is not a known property (keys are case-sensitive)")
        if not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool)):
            raise ApiError(422, f"{key}: must be of type {known[key].__name__}")
    return body


def strings(body: Json, key: str) -> list[str]:
    """The list of strings below a key. Raises ApiError 422 otherwise."""
    values = body[key]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ApiError(422, f"{key}: must be a list of strings")
    return values


def _number(query: Mapping[str, str], key: str, default: int, *, low: int, high: float = math.inf) -> int:
    text = query.get(key)
    if text is None:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ApiError(422, f"{key}: must be a number from {low} to {high:g}")
    return int(text)
