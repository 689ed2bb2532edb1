"""As much of IAM's language as it takes to see that a grant is missing. Pure; conditions and NotAction are not understood."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any


def is_trusting(document: Any, service: str) -> bool:
    """Return whether a role's trust policy lets this service assume it."""
    for statement in _list_statements(document):
        principal = statement.get("Principal")
        services = _list(principal.get("Service")) if isinstance(principal, Mapping) else []
        if (
            statement.get("Effect") == "Allow"
            and service in services
            and "sts:AssumeRole" in _list(statement.get("Action"))
        ):
            return True
    return False


def is_allowing(document: Any, action: str, resource: str) -> bool:
    """Return whether a statement allows the action on the resource and none denies it."""
    effects = {
        statement.get("Effect")
        for statement in _list_statements(document)
        if _is_match(statement.get("Action"), action.lower(), lower=True)
        and _is_match(statement.get("Resource"), resource, lower=False)
    }
    return effects == {"Allow"}


def _list_statements(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, str):
        document = json.loads(document)
    yield from _list(document.get("Statement"))


def _is_match(patterns: Any, value: str, *, lower: bool) -> bool:
    return any(fnmatchcase(value, one.lower() if lower else one) for one in _list(patterns))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
