"""The parts that the error of a failed deploy must name for the operator: phase, machine, reason and next action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from procedure import plan

PHASES = {step.phase for step in plan.ALL.values()}
PHASE_OF_STOPPED_EXECUTION = r"Step [a-z-]+|Failure"
"""the phase in the error of an execution that somebody stopped; the step comes from the run record"""
_PHASE = re.compile(
    rf"(?:^|[^\w ]\s*)(?:{'|'.join(map(re.escape, sorted(PHASES)))}|{PHASE_OF_STOPPED_EXECUTION})(?: on [^:]+)?: "
)
_NEXT = re.compile(r"\. Next: \S")


def find_missing_parts(reason: str, steps: Iterable[Mapping[str, Any]], powered_off: Mapping[str, str]) -> list[str]:
    """Return one sentence for each part that the error should name and does not.

    The error must name the machine in the evidence of the first failed step. It must also name one of the machines
    that lost power, by id or by address, because another machine that cannot reach it knows only the address.

    Args:
        reason: The error of the deploy.
        steps: The evidence of the run's steps.
        powered_off: The addresses of the machines that lost power, by id.
    """
    problems = []
    if not _PHASE.search(reason):
        problems.append(f"the error names no phase: {reason!r}")
    if not _NEXT.search(reason):
        problems.append(f"the error names no next action: {reason!r}")
    failed = [one for one in steps if one.get("outcome") == "failed"]
    machine = str(min(failed, key=lambda one: str(one["ended"]))["facts"].get("machine") or "") if failed else ""
    if machine and machine not in reason:
        problems.append(f"the error does not name {machine}: {reason!r}")
    if powered_off and not any(name in reason for pair in powered_off.items() for name in pair):
        problems.append(f"the error names none of {', '.join(powered_off)}, which lost power: {reason!r}")
    return problems
