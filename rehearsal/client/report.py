"""Report a run of the writers: every acknowledged write looked up, the downtimes, the pause, the refusals, the pace."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from rehearsal.client import refusals
from rehearsal.client.account import list_repositories, load
from rehearsal.client.downtime import find_longest_gap, measure_pace, read_outages
from rehearsal.client.ledger import read
from rehearsal.client.lookup import look_up
from rehearsal.client.pause import measure_pause
from rehearsal.client.site import Site


def check(url: str, folder: Path, run: str) -> dict[str, object]:
    """Check a run against the site that has the name now. Times are seconds; None where too little was tried to measure anything."""
    operations = read(folder / run / "ledger.jsonl")
    result = look_up(Site(url, load(folder)), list_repositories(), operations)
    write_gap, read_gap = (find_longest_gap(operations, writes=writes) for writes in (True, False))
    outages, measured = read_outages(operations), measure_pace(operations)
    return {
        "operations": len(operations),
        "acknowledged_writes": sum(operation.acknowledged and operation.writes for operation in operations),
        "asked": dict(Counter(operation.address or "no address" for operation in operations)),
        "refused": refusals.count(operations),
        "site_errors": refusals.count_site_errors(operations),
        "unclear": refusals.list_unclear(operations),
        "found": dict(result.found),
        "lost": result.lost,
        "pace": asdict(measured) if measured else None,
        "write_downtime": asdict(write_gap) if write_gap else None,
        "read_downtime": asdict(outages) if outages else None,
        "longest_read_pause": asdict(read_gap) if read_gap else None,
        "pause": asdict(measure_pause(operations, write_gap)),
    }
