"""Count the requests of the proxy around the window: by second and by outcome, with their latencies. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cutover_site.proxy.request_log import Request

SHORTEST_HOLD_SECONDS = 0.05
"""the interval at which a held request looks for the mode (hold.lua): a request that is not held waits less"""
OUTCOMES = ("answered", "client_error", "server_error", "aborted")
COLUMNS = ("second", *OUTCOMES, "held", "forwarded", "median_ms", "p95_ms", "longest_ms")
"""of each row of HTTP; `second` is the number of whole seconds since `begin` at which the response was complete"""
PORT_COLUMNS = ("second", "connections", "held")
PERIODS = ("before", "window", "after")


@dataclass(frozen=True)
class Span:
    """The time that is counted, and the window in it. Seconds since 1970."""

    begin: float
    end: float
    frozen: float
    opened: float
    """when writes went on: at the target after a commit, at the source after a roll back"""

    def find_period(self, moment: float) -> str:
        """Return the part of the time in which a moment is."""
        return "before" if moment < self.frozen else "window" if moment < self.opened else "after"

    def is_held(self, request: Request) -> bool:
        """Return whether the request waited in the hold: longer than a request that is not held, and at a time of the window."""
        return (
            request.waited >= SHORTEST_HOLD_SECONDS
            and request.waited_until > self.frozen
            and request.waited_from < self.opened
        )


@dataclass
class Counts:
    """The counts of some requests of HTTP."""

    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    held: int = 0
    forwarded: int = 0
    latencies: list[float] = field(default_factory=list)

    def add(self, request: Request, *, is_held: bool) -> None:
        """Count one request. The time of one whose client left is no latency."""
        outcome = classify(request)
        self.outcomes[outcome] += 1
        self.held += is_held
        self.forwarded += request.is_forwarded
        if outcome != "aborted":
            self.latencies.append(request.seconds)

    def list_values(self) -> list[int | None]:
        """Return the values of COLUMNS without the second. Latencies in milliseconds, None without a response."""
        latencies = sorted(self.latencies)
        return [
            *self.outcomes.values(),
            self.held,
            self.forwarded,
            *(_find_percentile(latencies, share) for share in (0.5, 0.95, 1.0)),
        ]


def classify(request: Request) -> str:
    """Return the outcome of a request of HTTP, one of OUTCOMES."""
    if request.is_aborted:
        return "aborted"
    return "answered" if request.status < 400 else "client_error" if request.status < 500 else "server_error"


def count_requests(requests: Iterable[Request], span: Span, ports: Mapping[str, str]) -> dict[str, Any]:
    """Return the counts as facts of a verb. `ports`: name of each port that is not HTTP, by its frontend in the proxy."""
    seconds: dict[int, Counts] = {}
    periods = {name: Counts() for name in PERIODS}
    connections: dict[str, dict[int, list[int]]] = {name: {} for name in ports.values()}
    for request in requests:
        if not span.begin <= request.ended < span.end:
            continue
        second, is_held = int(request.ended - span.begin), span.is_held(request)
        if not request.frontend:
            seconds.setdefault(second, Counts()).add(request, is_held=is_held)
            periods[span.find_period(request.ended)].add(request, is_held=is_held)
        elif request.frontend in ports:
            row = connections[ports[request.frontend]].setdefault(second, [0, 0])
            for index, value in enumerate((1, int(is_held))):
                row[index] += value
    return {
        "begin": span.begin,
        "end": span.end,
        "columns": list(COLUMNS),
        "rows": [[second, *counts.list_values()] for second, counts in sorted(seconds.items())],
        "periods": {name: dict(zip(COLUMNS[1:], counts.list_values())) for name, counts in periods.items()},
        "port_columns": list(PORT_COLUMNS),
        "ports": {name: [[second, *row] for second, row in sorted(rows.items())] for name, rows in connections.items()},
    }


def _find_percentile(ordered: Sequence[float], share: float) -> int | None:
    """Return the nearest-rank percentile in milliseconds. None: there is no value."""
    if not ordered:
        return None
    return round(1000 * ordered[max(math.ceil(share * len(ordered)), 1) - 1])
