"""Filters and pages of Describe actions. An unknown filter is refused, because without it the response would contain too much."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from rehearsal.aws.exceptions import ApiError, NotEmulated

Item = TypeVar("Item")
Attributes = Mapping[str, Callable[[Item], Any]]


def filter_items(
    items: Iterable[Item],
    filters: Sequence[Mapping[str, Any]] | None,
    attributes: Attributes[Item],
    tags: Callable[[Item], Mapping[str, str]],
) -> list[Item]:
    """Return the items that match EC2's filters. All filters must match, each by any of its values; `*` and `?` are wildcards. Raises ApiError."""
    found = list(items)
    for one in filters or ():
        name, values = one["Name"], one.get("Values", [])
        read = _make_reader(name, attributes, tags)
        patterns = [re.compile(_make_pattern(value)) for value in values]
        found = [item for item in found if any(p.fullmatch(a) for p in patterns for a in _as_strings(read(item)))]
    return found


def cut_page(items: Sequence[Item], token: str | None, size: int | None) -> tuple[Sequence[Item], str | None]:
    """Return one page and the token of the next. Raises ApiError for an unknown token."""
    start = 0
    if token:
        if not token.isdecimal():
            raise ApiError("InvalidNextToken", f"The token {token} is not valid")
        start = int(token)
    end = len(items) if size is None else start + size
    return items[start:end], str(end) if end < len(items) else None


def _make_reader(
    name: str, attributes: Attributes[Item], tags: Callable[[Item], Mapping[str, str]]
) -> Callable[[Item], Any]:
    if name.startswith("tag:"):
        return lambda item: tags(item).get(name.removeprefix("tag:"))
    if name == "tag-key":
        return lambda item: list(tags(item))
    if name not in attributes:
        raise NotEmulated(f"the filter {name}")
    return attributes[name]


def _as_strings(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple | set):
        return [str(inner) for inner in value]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _make_pattern(value: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in value)
