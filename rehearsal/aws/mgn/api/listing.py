"""Return lists in pages."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.models import Json

PAGE = 1000
"""default and maximum of maxResults"""


def cut_page(items: Sequence[Json], max_results: int | None, next_token: str | None) -> Json:
    """Return one page. Raises ApiError for a size out of range, or a token that was not given out."""
    size = PAGE if max_results is None else max_results
    if not 1 <= size <= PAGE:
        raise exceptions.invalid(f"must be from 1 to {PAGE}", field="maxResults")
    if next_token and not next_token.isdecimal():
        raise exceptions.invalid("is not a token of this service", field="nextToken")
    start = int(next_token or 0)
    end = start + size
    return {"items": list(items[start:end]), **({"nextToken": str(end)} if end < len(items) else {})}
