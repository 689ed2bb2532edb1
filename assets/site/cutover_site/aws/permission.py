"""Whether a run may still do what cannot be undone on a machine. Work of a run may arrive after its end: a command, a launched replica."""

from __future__ import annotations

from cutover_site.aws.run_record import Decision, RunRecord, RunRecordUnreachable
from cutover_site.errors import Refused


def require_undecided(record: RunRecord, run: str) -> None:
    """Raise Refused unless the run record is about this run and has no decision.

    The freeze calls this while it holds the lock of the freeze state. A roll back decides before it thaws. So either this call sees the
    decision, or the thaw comes after this freeze and ends it.
    """
    try:
        check_undecided(run, record.read())
    except RunRecordUnreachable as error:
        raise Refused(f"nothing is done for run {run}: the run record cannot be read: {error}") from error


def check_undecided(run: str, decision: Decision) -> None:
    """Raise Refused unless this content of the run record lets the run go on. Pure."""
    if decision.run_id != run:
        reason = f"the run record is about run {decision.run_id or '(none)'}"
    elif decision.decision:
        reason = f"it is decided: {decision.decision}"
    else:
        return
    raise Refused(f"run {run} is over, nothing is done for it: {reason}", next_action="start a new run")
