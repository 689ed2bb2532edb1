"""The rule of the dead man's switch: what a frozen machine does, given the decision in the run record. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cutover_site.aws.run_record import COMMIT, THAW, Decision
from cutover_site.freeze.state import FreezeState

Action = Literal["nothing", "thaw", "stay"]
DECISIONS_AGAINST_COMMIT = (THAW, "rollback")


@dataclass(frozen=True)
class ChosenAction:
    """What the machine does, and why."""

    action: Action
    reason: str


def choose_action(state: FreezeState, decision: Decision) -> ChosenAction:
    """Return what this machine does: it resumes writes when its run can never be committed any more.

    A new run never takes over the record of a committed run. So a record of another run shows that this machine's run was not committed.
    A record without a run, or of another run that was committed, should be impossible: the machine stays frozen until a person looks at it.
    """
    if state.name != "frozen":
        return ChosenAction("nothing", f"the machine is {state.name}")
    if decision.run_id != state.run:
        reason = f"the run record is about run {decision.run_id or '(none)'}, this machine was frozen by {state.run}"
        is_over = decision.run_id and decision.decision != COMMIT
        return ChosenAction("thaw" if is_over else "stay", reason)
    if decision.decision in DECISIONS_AGAINST_COMMIT:
        return ChosenAction("thaw", f"run {state.run} is decided: {decision.decision}")
    if decision.decision == COMMIT:
        return ChosenAction(
            "stay", f"run {state.run} is committed: the site is on the target, this machine never accepts writes again"
        )
    return ChosenAction("stay", f"run {state.run} is not decided yet")
