"""What the proxies of source and targets logged around the window, and what the load balancer published. Both are records of servers, not of users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operate.report.bucket import Bucket, merge, merge_buckets
from operate.report.runs import Run
from operate.report.source import Document

PERIODS = {"before": "before the window", "window": "in the window", "after": "after the window"}


@dataclass(frozen=True)
class Period:
    """The requests of one proxy before, in or after the window."""

    machine: str
    side: str
    name: str
    counts: Bucket


@dataclass(frozen=True)
class Port:
    """The connections of a port that is not HTTP, at one proxy."""

    machine: str
    side: str
    name: str
    connections: int
    held: int


@dataclass(frozen=True)
class Requests:
    """The counts of one run. `source` and `targets`: by second, of the targets together; empty: no proxy of this side was counted.

    `missing`: one sentence for each machine that has no counts, or whose counts are not complete.
    """

    source: Sequence[Bucket]
    targets: Sequence[Bucket]
    periods: Sequence[Period]
    ports: Sequence[Port]
    missing: Sequence[str]

    @property
    def total(self) -> Bucket:
        """Return what all users saw. A request that the source forwarded is counted where it arrived first, and not at the target again."""
        every = [one.counts for one in self.periods]
        merged = merge(0.0, every)
        return Bucket(
            merged.begin,
            max(merged.answered - self.counted_twice, 0),
            *(merged.client_errors, merged.server_errors, merged.aborted, merged.held, merged.forwarded),
            *(None, None, merged.longest),
        )

    @property
    def counted_twice(self) -> int:
        """Return how many requests both a source and a target have counted."""
        return sum(one.counts.forwarded for one in self.periods) if self.targets else 0


def build_requests(run: Run) -> Requests | None:
    """Return the counts of a run. None: it has no record of any, nor of a machine that could not count."""
    counted = [one for one in run.others if one.get("requests_of") and one.get("columns")]
    missing = [
        *_list_missing(run),
        *(f"{one['machine']}: {text}" for one in counted for text in one.get("incomplete") or []),
    ]
    if not counted and not missing:
        return None
    counted.sort(key=lambda one: (one["requests_of"] != "source", str(one["machine"])))
    sides = {
        side: [
            bucket
            for one in counted
            if (one["requests_of"] == "source") == (side == "source")
            for bucket in _parse_rows(one)
        ]
        for side in ("source", "target")
    }
    return Requests(
        source=merge_buckets(sides["source"]),
        targets=merge_buckets(sides["target"]),
        periods=[period for one in counted for period in _parse_periods(one)],
        ports=[port for one in counted for port in _parse_ports(one)],
        missing=missing,
    )


def _list_missing(run: Run) -> list[str]:
    steps = [run.find_done(name) for name in ("clean-up", "collect-logs")]
    facts = [step.facts.get("requests") or {} for step in steps if step]
    return [f"{machine}: {reason}" for one in facts for machine, reason in (one.get("missing") or {}).items()]


def _parse_rows(document: Document) -> list[Bucket]:
    rows = [dict(zip(document["columns"], row, strict=True)) for row in document["rows"]]
    return [parse_bucket(float(document["begin"]) + float(row["second"]), row) for row in rows]


def parse_bucket(begin: float, row: Mapping[str, Any]) -> Bucket:
    """Return the bucket of a row of the machine's verb `count-requests`. Raises KeyError, ValueError or TypeError."""
    return Bucket(
        begin,
        *(int(row[name]) for name in ("answered", "client_error", "server_error", "aborted", "held", "forwarded")),
        *(None if row[name] is None else float(row[name]) / 1000 for name in ("median_ms", "p95_ms", "longest_ms")),
    )


def _parse_periods(document: Document) -> list[Period]:
    side, machine = str(document["requests_of"]), str(document["machine"])
    found = [
        Period(machine, side, text, parse_bucket(float(document["begin"]), document["periods"][name]))
        for name, text in PERIODS.items()
    ]
    # A target is counted from the commit on: it has no time before.
    return [one for one in found if one.counts.requests or (side == "source")]


def _parse_ports(document: Document) -> list[Port]:
    names = document["port_columns"]
    found = []
    for port, rows in document["ports"].items():
        values = [dict(zip(names, row, strict=True)) for row in rows]
        sums = (sum(int(one[name]) for one in values) for name in ("connections", "held"))
        found.append(Port(str(document["machine"]), str(document["requests_of"]), str(port), *sums))
    return found
