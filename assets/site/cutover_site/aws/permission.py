"""Whether a command to close may still be carried out: Systems Manager can deliver it when its run is over."""

from cutover_site.aws.run_record import Decision, RunRecord, Unreachable
from cutover_site.errors import Refused


def ask(record: RunRecord, run: str) -> None:
    """Raises Refused unless the run record is about this run and nothing is decided.

    Asked while the freeze state is locked: a roll back decides before it thaws, so either this sees the decision, or the thaw comes after
    this freeze and ends it.
    """
    try:
        must_be_undecided(run, record.read())
    except Unreachable as error:
        raise Refused(f"run {run} may not close the source: the run record cannot be read: {error}") from error


def must_be_undecided(run: str, found: Decision) -> None:
    """Raises Refused. Pure."""
    if found.run_id != run:
        told = f"the run record is about run {found.run_id or '(none)'}"
    elif found.decision:
        told = f"it is decided: {found.decision}"
    else:
        return
    raise Refused(f"run {run} may not close the source any more: {told}", next_action="start a new run")
