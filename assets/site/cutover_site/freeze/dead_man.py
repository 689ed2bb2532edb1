"""What happens when nobody renews the lease. Pure: the run record decides, by one conditional write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cutover_site.aws.run_record import COMMIT, THAW, Decision
from cutover_site.freeze.state import FreezeState

Action = Literal["nothing", "thaw", "stay"]
UNDONE = (THAW, "rollback")


@dataclass(frozen=True)
class Verdict:
    action: Action
    reason: str


def verdict(state: FreezeState, decision: Decision) -> Verdict:
    """What a frozen machine does, given the decision that stands: it opens when its run can never be committed any more.

    The record of a committed run is never taken over, so a record of another run says that this machine's run was not. One that says
    nothing, or that another run was committed, cannot be: the machine stays as it is, for a person to look.
    """
    if state.name != "frozen":
        return Verdict("nothing", f"the machine is {state.name}")
    if decision.run_id != state.run:
        told = f"the run record is about run {decision.run_id or '(none)'}, this machine was frozen by {state.run}"
        over = decision.run_id and decision.decision != COMMIT
        return Verdict("thaw" if over else "stay", told)
    if decision.decision in UNDONE:
        return Verdict("thaw", f"run {state.run} is decided: {decision.decision}")
    if decision.decision == COMMIT:
        return Verdict(
            "stay", f"run {state.run} is committed: the site is on the target, this machine never accepts writes again"
        )
    return Verdict("stay", f"run {state.run} is not decided yet")
