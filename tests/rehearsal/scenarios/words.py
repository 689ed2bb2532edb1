"""What a failed deploy tells the person who waits for it: phase, machine, reason, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from procedure import plan

PHASES = {step.phase for step in plan.ALL.values()}
WITHOUT_WORDS = r"Step [a-z-]+|Failure"
"""of an execution that was stopped: where it was, its record says"""
_PHASE = re.compile(rf"(?:^|[^\w ]\s*)(?:{'|'.join(map(re.escape, sorted(PHASES)))}|{WITHOUT_WORDS})(?: on [^:]+)?: ")
_NEXT = re.compile(r"\. Next: \S")


def lacking(reason: str, steps: Iterable[Mapping[str, Any]], killed: Mapping[str, str]) -> list[str]:
    """One sentence for each thing that the error should name and does not.

    The machine is the one that the first failed step names in its evidence, and one of those that lost their power
    (ids, with their addresses: another machine that cannot reach it knows no more).
    """
    wrong = []
    if not _PHASE.search(reason):
        wrong.append(f"the error names no phase: {reason!r}")
    if not _NEXT.search(reason):
        wrong.append(f"the error does not say what to do next: {reason!r}")
    failed = [one for one in steps if one.get("outcome") == "failed"]
    concerned = str(min(failed, key=lambda one: str(one["ended"]))["facts"].get("machine") or "") if failed else ""
    if concerned and concerned not in reason:
        wrong.append(f"the error does not name {concerned}: {reason!r}")
    if killed and not any(name in reason for pair in killed.items() for name in pair):
        wrong.append(f"the error names none of {', '.join(killed)}, which lost their power: {reason!r}")
    return wrong
