"""Format what the published API returns: dates and identifiers."""

from __future__ import annotations

import uuid
from typing import Any

from rehearsal.replication_engine.dates import format_date, now

__all__ = ["Json", "format_date", "generate_id", "now"]
Json = dict[str, Any]


def generate_id() -> str:
    """Return a new id."""
    return str(uuid.uuid4())
