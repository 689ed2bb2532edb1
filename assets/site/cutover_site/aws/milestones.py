"""Wait for a milestone of a run, so that a command can be sent before its time and costs no seconds of the window on its way.

The procedure writes the milestone that it has reached into the run record, and this tool reads it there. The first one, `held`, is written by
the source's application server, because the procedure would learn of it later.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from cutover_site.aws.milestone_names import ADMITTED, MILESTONES, WAIT_SECONDS
from cutover_site.aws.run_record import COMMIT, Decision, RunRecord, RunRecordUnreachable
from cutover_site.errors import Refused

POLL_INTERVAL_SECONDS = 0.05
EARLY_POLL_INTERVAL_SECONDS = 0.4
"""while the run must reach another milestone first. Shorter than the shortest time between two of them, and each read costs the busy machines of the window CPU"""
SHORT_WAIT_SECONDS = 20.0
"""after it, the next milestone is a matter of minutes too: writes in flight can delay the freeze"""


def has_reached(run: str, milestone: str, found: Decision) -> bool:
    """Return whether the run has reached the milestone. Raises Refused when it never will. Pure."""
    if found.run_id != run:
        raise Refused(
            f"run {run} is over, nothing is done for it: the run record is about run {found.run_id or '(none)'}"
        )
    if found.decision not in ("", COMMIT):
        raise Refused(f"run {run} is over, nothing is done for it: it is decided: {found.decision}")
    if found.decision == COMMIT and milestone != ADMITTED:
        raise Refused(f"run {run} is committed: it is too late for what waits for {milestone}")
    if milestone == ADMITTED and found.decision != COMMIT:
        return False
    return found.milestone in MILESTONES[MILESTONES.index(milestone) :]


def is_next(milestone: str, reached: str) -> bool:
    """Return whether the run reaches the milestone before any other. `reached`: its last one, empty before the first. Pure."""
    passed = MILESTONES.index(reached) + 1 if reached in MILESTONES else 0
    return MILESTONES.index(milestone) <= passed


def wait_for_milestone(
    record: RunRecord,
    run: str,
    milestone: str,
    limit_seconds: float = WAIT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Return the seconds until the run had reached the milestone.

    Raises Refused when the run is decided against it, and after `limit_seconds`. A record that cannot be read is read again.
    """
    began = clock()
    interval = POLL_INTERVAL_SECONDS
    while True:
        try:
            found = record.read()
            if has_reached(run, milestone, found):
                break
            problem = "the run has not reached it"
            is_near = is_next(milestone, found.milestone) and clock() - began < SHORT_WAIT_SECONDS
            interval = POLL_INTERVAL_SECONDS if is_near else EARLY_POLL_INTERVAL_SECONDS
        except RunRecordUnreachable as error:
            problem = f"the run record cannot be read: {error}"
        if clock() - began >= limit_seconds:
            raise Refused(f"run {run} was waited for to be {milestone} for {limit_seconds:.0f} s: {problem}")
        sleep(interval)  # DynamoDB has no event for a machine
    return clock() - began
