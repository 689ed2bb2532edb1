"""Save in the evidence what the proxies have logged around the window. After the window, best effort, with a time limit.

The report of the run draws it. A machine that cannot count is named in the evidence of the step; it is no warning, because the site lacks nothing.
"""

from __future__ import annotations

from typing import Any

from common.clock import parse_iso
from common.errors import CutoverError

from procedure.commands import Options
from procedure.context import Context
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps import clean_up as provider_clean_up

MAX_COLLECT_SECONDS = 15
"""for the results of all machines together"""
BEFORE_SECONDS, AFTER_SECONDS = 60, 120
"""of the window: how much is counted beside it"""
LONGEST_SPAN_SECONDS = 600
"""the tool on the machines counts no longer time"""
SOURCE, TARGET = "source", "target"


def clean_up(context: Context) -> Outcome:
    """Remove the replica of a committed run, then count the requests: the later, the more of the target's first minutes is counted."""
    requests = context.state.requests
    if requests.cleaned is None:
        outcome = provider_clean_up.clean_up(context)
        if isinstance(outcome, Pending):
            return outcome
        requests.cleaned = dict(outcome.facts)
    collected = collect_requests(context)
    if collected is None:
        return Pending("the counts of the proxies' logs")
    return Done({**requests.cleaned, **collected})


def collect_requests(context: Context) -> dict[str, Any] | None:
    """Return the facts about the counts, None while a machine works and there is time. Empty for a run without a window."""
    if context.run.kind != "cutover" or context.run.dry_run or not context.state.window.frozen_at:
        return {}
    state, now = context.state.requests, context.clock.now()
    state.began = state.began or now
    if state.machines is None:
        state.machines = _list_machines(context)
    is_late = now - state.began >= MAX_COLLECT_SECONDS
    waiting = [machine for machine in state.machines if not _collect(context, machine, is_late=is_late)]
    if waiting:
        return None
    return {"requests": {"written": state.written, "missing": state.missing}}


def _list_machines(context: Context) -> dict[str, str]:
    """Return the machines with a proxy that users reached: the source, after a commit also the targets. Skips unreachable services."""
    found: dict[str, str] = {}
    try:
        found[context.replication.source_app_instance_id] = SOURCE
        if context.record.committed:
            members = context.tools.create_members(context.target.auto_scaling_group).list_members()
            found |= {member.instance_id: TARGET for member in members}
    except CutoverError as error:
        context.state.requests.missing["the targets" if found else "all machines"] = error.reason
    return found


def _collect(context: Context, machine: str, *, is_late: bool) -> bool:
    """Write the counts of a machine. Return whether nothing is left to wait for."""
    state = context.state.requests
    if machine in state.written or machine in state.missing:
        return True
    side = (state.machines or {})[machine]
    try:
        options = _build_options(context, side)
        counts = context.commands.poll(Command.COUNT_REQUESTS, machine, options, limit=MAX_COLLECT_SECONDS)
        if counts is not None:
            record = {"requests_of": side, "machine": machine, "run_id": context.run.run_id, **counts}
            state.written[machine] = context.evidence.write(f"requests-{machine}", record)
        elif is_late:
            state.missing[machine] = f"it did not respond within {MAX_COLLECT_SECONDS} s"
    except CutoverError as error:  # no second command to a machine that does not respond
        state.missing[machine] = error.reason
    return machine in state.written or machine in state.missing


def _build_options(context: Context, side: str) -> Options:
    """Return the time to count. A target is counted from the commit on: before it, only the acceptance suite reached it.

    The options are the same in each poll, because the first poll sends the command.
    """
    state, record = context.state, context.record
    frozen = state.window.frozen_at
    opened = record.decided_at if record.committed else _read_opened(context)
    begin = opened if side == TARGET else frozen - BEFORE_SECONDS
    end = max(min(state.requests.began, opened + AFTER_SECONDS), begin + 1.0)
    begin = max(begin, end - LONGEST_SPAN_SECONDS)
    # As texts with a fixed number of digits: a command line has no room for rounding.
    return {
        name: f"{value:.3f}" for name, value in (("begin", begin), ("end", end), ("frozen", frozen), ("opened", opened))
    }


def _read_opened(context: Context) -> float:
    """Return when the source accepted writes again after a failure; now, when that is not recorded."""
    text = context.state.rollback.source_opened_at
    return parse_iso(text) if text else context.state.requests.began
