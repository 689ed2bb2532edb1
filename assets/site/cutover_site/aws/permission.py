"""Whether a run may still do what cannot be taken back on a machine. What was begun for it may come late: a command, a launched replica."""

from __future__ import annotations

from cutover_site.aws.run_record import Decision, RunRecord, Unreachable
from cutover_site.errors import Refused


def ask(record: RunRecord, run: str) -> None:
    """Raises Refused unless the run record is about this run and nothing is decided.

    Before the source closes it is asked while the freeze state is locked: a roll back decides before it thaws, so either this sees the
    decision, or the thaw comes after this freeze and ends it.
    """
    try:
        must_be_undecided(run, record.read())
    except Unreachable as error:
        raise Refused(f"nothing is done for run {run}: the run record cannot be read: {error}") from error


def must_be_undecided(run: str, found: Decision) -> None:
    """Raises Refused. Pure."""
    if found.run_id != run:
        told = f"the run record is about run {found.run_id or '(none)'}"
    elif found.decision:
        told = f"it is decided: {found.decision}"
    else:
        return
    raise Refused(f"run {run} is over, nothing is done for it: {told}", next_action="start a new run")
