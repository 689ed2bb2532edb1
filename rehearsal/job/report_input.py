"""The input of the product's report that only a rehearsal has: the client's operations, the checks from outside, the lag, the stacks.

docs/report.md defines both forms. The product reads them as files: it does not know that it is rehearsed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rehearsal.client.downtime import Gap
from rehearsal.client.ledger import Operation
from rehearsal.client.pause import is_held
from rehearsal.client.refusals import SITE_ERROR
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.verdict import find_client_problems

LISTED = 5


def count_held_writes(operations: Iterable[Operation], steps: Iterable[Mapping[str, Any]]) -> int:
    """Return how many acknowledged writes the source's proxy held. `steps`: the procedure's records; without a freeze it held none."""
    every = list(operations)
    gap = find_window_gap(every, steps)
    return 0 if gap is None else sum(one.writes and is_held(one, gap) for one in every)


def write_operations(operations: Iterable[Operation], steps: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write the ledger's operations in the form of the report. `steps` are the procedure's records: without a freeze nothing was held."""
    every = list(operations)
    gap = find_window_gap(every, steps)
    path.write_text("".join(json.dumps(format_operation(one, gap)) + "\n" for one in every), encoding="utf-8")


def find_window_gap(operations: Iterable[Operation], steps: Iterable[Mapping[str, Any]]) -> Gap | None:
    """Return the time without an acknowledged write around the end of the window. None: no run froze the source.

    The longest such time of a run may be another one, on a machine that is busy.
    """
    facts = [one.get("facts") or {} for one in steps if one.get("outcome") == "done"]
    ends = [str(one[key]) for one in facts for key in ("committed", "open_since") if one.get(key)]
    if not ends:
        return None
    moment = datetime.fromisoformat(max(ends)).timestamp()
    answered = sorted(one.answered for one in operations if one.writes and one.acknowledged and one.answered)
    before, after = [one for one in answered if one < moment], [one for one in answered if one >= moment]
    return Gap(seconds=after[0] - before[-1], began=before[-1]) if before and after else None


def format_operation(operation: Operation, gap: Gap | None) -> dict[str, Any]:
    """Return one operation. `gap` is the time without an acknowledged write around the end of the window, None without a window."""
    outcome = "done" if operation.acknowledged else "site-error" if operation.refusal == SITE_ERROR else "failed"
    return {
        "kind": operation.kind,
        "start": operation.sent,
        "end": operation.answered or operation.sent,
        "outcome": outcome,
        "writes": operation.writes,
        "held": operation.writes and gap is not None and is_held(operation, gap),
        "reason": operation.reason or "",
    }


def build_independent(evidence: Evidence) -> dict[str, Any]:
    """Return what was checked from outside, and the counts. What was not checked is left out: the report names that nobody looked."""
    return {"checks": list(_list_checks(evidence)), "counts": _count(evidence.comparison)}


def _list_checks(evidence: Evidence) -> Iterator[dict[str, Any]]:
    ledger, overlap, secrecy = evidence.ledger, evidence.overlap, evidence.secrecy
    if ledger:
        found, lost = sum(ledger["found"].values()), ledger["lost"]
        yield _build_check("every acknowledged write", not lost, f"{found} found, {len(lost)} lost", lost)
        problems = list(find_client_problems(ledger))
        yield _build_check(
            "no operation failed because of the migration", not problems, "as the client saw it", problems
        )
    if evidence.comparison is not None:
        findings = evidence.comparison.findings
        yield _build_check("source and target", not findings, "compared from outside after the commit", findings)
    if overlap is not None and overlap.apart is not None:
        text = f"the source accepted {overlap.source} writes, the target {overlap.target}, {overlap.apart:.2f} s apart"
        yield _build_check("never two sites at the same time", not overlap.happened, text)
    if secrecy is not None:
        problems = [*map(str, secrecy.findings), *(f"not searched: {one}" for one in secrecy.unsearched)]
        text = f"{len(secrecy.secrets)} secrets searched in {len(secrecy.places)} places"
        yield _build_check("no secret is where it must not be", not problems, text, problems)


def _build_check(name: str, passed: bool, text: str, problems: list[str] | None = None) -> dict[str, Any]:
    return {"name": name, "passed": passed, "text": "; ".join([text, *(problems or [])[:LISTED]])}


def _count(comparison: Comparison | None) -> dict[str, int]:
    if comparison is None:
        return {}
    return {
        "tables": comparison.tables,
        "rows": comparison.rows,
        "repositories": comparison.repositories,
        "refs": comparison.refs,
        "Git objects": comparison.objects,
        **comparison.files,
        "paths with mode and owner": comparison.owned,
    }


def read_expected_seconds(path: Path) -> dict[str, float]:
    """Return the seconds of each step of the last cutover in an earlier evidence file. Empty when there is none that committed."""
    try:
        steps: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["steps"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    cutover = {str(one["run_id"]) for one in steps if one.get("step") == "commit" and one.get("outcome") == "done"}
    return {
        str(one["step"]): float(one["seconds"]) for one in steps if one.get("run_id") in cutover and "seconds" in one
    }
