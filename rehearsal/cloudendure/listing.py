"""Return lists in pages, as the published API does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rehearsal.cloudendure.requests import read_number
from rehearsal.cloudendure.responses import Json

PAGE = 1500
"""default and maximum of `limit`"""


def cut_page(items: Sequence[Json], query: Mapping[str, str]) -> Json:
    """Return one page of a list. Raises ApiError 422 when offset or limit is not a number in range."""
    offset = read_number(query, "offset", 0, low=0)
    limit = read_number(query, "limit", PAGE, low=1, high=PAGE)
    return {"items": list(items[offset : offset + limit])}
