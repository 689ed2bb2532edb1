"""What the time without writes was spent on, from the procedure's own records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Spent:
    """A step of the window; `outside` are the seconds of it that lie before or after the time without writes."""

    step: str
    phase: str
    seconds: float
    outside: float


def list_spent(records: Iterable[Mapping[str, Any]], began: float, seconds: float) -> list[Spent]:
    """Return the steps that ran while no write was acknowledged, in the order in which they began. `began` in seconds since the epoch."""
    found: list[tuple[float, Spent]] = []
    for record in records:
        if "step" not in record or "began" not in record:
            continue  # the outputs of a run are kept beside its steps
        start, end = (datetime.fromisoformat(record[key]).timestamp() for key in ("began", "ended"))
        inside = min(end, began + seconds) - max(start, began)
        if inside >= 0:
            outside = round(max(end - start - inside, 0.0), 3)
            found.append((start, Spent(record["step"], record["phase"], float(record["seconds"]), outside)))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]
