"""Record what a run that failed leaves: the procedure's records, those of the roll back too, and what its client observed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rehearsal.job.evidence import Evidence
from rehearsal.job.goals import evaluate_goals

T = TypeVar("T")
COMMITTED, NOT_MIGRATED, FINDINGS = "commit", "not migrated", "migrated, with findings"


def record_failure(
    error: Exception,
    evidence: Evidence,
    records: Callable[[], list[dict[str, Any]]],
    client: Callable[[], dict[str, Any]],
) -> None:
    """Complete the account of a run that failed. Its client must have stopped.

    Never raises: `evidence.missing` has one sentence for each part that could not be read. The procedure's own record of the
    commit decides whether the site has moved, not the last step of the run.
    """
    evidence.reason = str(error)
    if not evidence.steps:
        evidence.steps = try_read("the procedure's records", records, evidence) or []
    if not evidence.ledger:
        evidence.ledger = try_read("what the client saw", client, evidence) or {}
    committed = any(one.get("step") == COMMITTED and one.get("outcome") == "done" for one in evidence.steps)
    evidence.outcome = FINDINGS if committed else NOT_MIGRATED
    evidence.goals = evaluate_goals(evidence.ledger, evidence.steps)


def try_read(what: str, part: Callable[[], T], evidence: Evidence) -> T | None:
    """Return the result of `part`. None when it raises: the evidence then names `what` as missing."""
    try:
        return part()
    except Exception as error:  # noqa: BLE001  any error: the evidence names this part as missing
        evidence.missing.append(f"{what}: {type(error).__name__}: {error}"[:300])
        return None
