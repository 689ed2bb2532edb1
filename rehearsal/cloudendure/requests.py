"""Read the bodies and queries of requests. Keys are case-sensitive."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.responses import Json


def read_fields(body: object, *, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> Json:
    """Return the body of a request: an object with these keys of these types and no other.

    Raises ApiError 422 that names the key.
    """
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


def read_strings(body: Json, key: str) -> list[str]:
    """Return the list of strings below a key. Raises ApiError 422 otherwise."""
    values = body[key]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ApiError(422, f"{key}: must be a list of strings")
    return values


def read_number(query: Mapping[str, str], key: str, default: int, *, low: int, high: float = math.inf) -> int:
    """Return a number of the query string. Raises ApiError 422 when it is no number from `low` to `high`."""
    text = query.get(key)
    if text is None:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ApiError(422, f"{key}: must be a number from {low} to {high:g}")
    return int(text)
