"""Refuse what would overwrite the data of a site that has moved: replication would load its tables again."""

from __future__ import annotations

from common.clients.runs import Runs
from common.errors import StepFailed


def require_not_moved(runs: Runs, phase: str) -> None:
    """Raise StepFailed when a run has committed: the target's database is then the live one. Nothing was changed."""
    record = runs.read()
    if record.committed:
        raise StepFailed(
            f"the site was already moved by run {record.run_id}: its live rows are in the target's database, and nothing is changed there",
            phase=phase,
            next_action="deploy DataStack and ServersStack only, which the site consists of",
        )
