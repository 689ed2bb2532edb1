"""Decide whether a run succeeded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.job.evidence import Evidence


def find_problems(evidence: Evidence) -> list[str]:
    """Return one sentence for each problem. None: the site has moved with everything in it, and that is shown."""
    wrong: list[str] = [f"lost: {one}" for one in evidence.ledger.get("lost", ["nothing was looked up"])]
    wrong += find_client_problems(evidence.ledger)
    if evidence.comparison is None:
        wrong.append("source and target were not compared")
    else:
        wrong += evidence.comparison.findings
    if evidence.overlap is None or evidence.overlap.apart is None or evidence.overlap.happened:
        wrong.append(f"that only one site accepted writes at a time is not shown: {evidence.overlap}")
    if evidence.secrecy is None:
        wrong.append("secrets were not searched for")
    else:
        wrong += [f"a secret is where it must not be: {one}" for one in evidence.secrecy.findings]
        wrong += [f"not searched for secrets: {one}" for one in evidence.secrecy.unsearched]
    return wrong


def find_client_problems(ledger: Mapping[str, Any]) -> Iterator[str]:
    """Yield the problems that the client observed. A cutover holds writes, so no operation of a user fails."""
    if not ledger:
        return
    reads = ledger.get("read_downtime")
    if reads is None:
        yield "whether reads went on was not measured"
    elif reads["failed"]:
        yield f"{reads['failed']} reads failed, for {reads['total']:.2f} s, though reads go on all the time"
    pause = ledger.get("pause")
    if pause is None:
        yield "whether writes failed was not measured"
    elif failed := pause["failed_operations"] - (reads["failed"] if reads else 0):
        yield f"{failed} writes failed because of the migration, though they are held: {ledger['refused']}"
    for one in ledger["unclear"]:
        yield f"a write was not refused clearly, so that its sender cannot know what became of it: {one}"
