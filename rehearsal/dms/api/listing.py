"""List for Describe actions: filters, pages, and the error of DMS when a filter matches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from rehearsal.aws.paging import cut_page, filter_items
from rehearsal.dms.exceptions import not_found

Item = TypeVar("Item")
Filters = Sequence[Mapping[str, Any]] | None


def list_page(
    items: Iterable[Item],
    filters: Filters,
    attributes: Mapping[str, Callable[[Item], Any]],
    format_item: Callable[[Item], Mapping[str, Any]],
    *,
    key: str,
    what: str = "",
    marker: str | None = None,
    size: int | None = None,
) -> dict[str, Any]:
    """Return a page of the things that match. Raises ResourceNotFoundFault when filters match nothing and `what` names the kind of things."""
    found = filter_items(items, filters, attributes, lambda _: {})
    if filters and not found and what:
        raise not_found(f"No {what} found matching given filter")
    shown, token = cut_page(found, marker, size or 100)
    return {key: [format_item(one) for one in shown], **({"Marker": token} if token else {})}
