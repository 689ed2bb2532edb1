"""The requests of a second or a minute, as a server counted them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bucket:
    """The requests whose response was complete in a short time. `begin` in seconds since 1970, latencies in seconds, None: nothing was measured."""

    begin: float
    answered: int
    client_errors: int
    """4xx: the site refused, as it also does without a migration"""
    server_errors: int
    """5xx: the site, the proxy or the load balancer failed"""
    aborted: int
    """the client left before the end"""
    held: int
    forwarded: int
    """by the source to the target: the target counts them too"""
    median: float | None
    p95: float | None
    longest: float | None

    @property
    def requests(self) -> int:
        """Return the number of all requests."""
        return self.answered + self.client_errors + self.server_errors + self.aborted


def merge_buckets(buckets: Iterable[Bucket]) -> list[Bucket]:
    """Return one bucket for each second, in their order. Of several machines the median and the p95 are those of the slowest one."""
    by_second: dict[float, list[Bucket]] = {}
    for one in buckets:
        by_second.setdefault(one.begin, []).append(one)
    return [merge(begin, found) for begin, found in sorted(by_second.items())]


def merge(begin: float, found: Sequence[Bucket]) -> Bucket:
    """Return the sums, and the slowest latencies."""
    counts = [
        sum(getattr(one, name) for one in found)
        for name in ("answered", "client_errors", "server_errors", "aborted", "held", "forwarded")
    ]
    latencies = [
        max((value for one in found if (value := getattr(one, name)) is not None), default=None)
        for name in ("median", "p95", "longest")
    ]
    return Bucket(begin, *counts, *latencies)
