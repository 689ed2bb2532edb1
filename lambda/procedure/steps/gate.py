"""The bounds of a window: no freeze outside of the maintenance window, without a go, or without time before the deploy gives up."""

from __future__ import annotations

from typing import NoReturn

from common.clock import format_iso
from common.errors import StepFailed

from procedure.context import Context

WINDOW_SECONDS = 60
"""time that a normal window needs, with the end of a long upload"""
DEPLOY_MARGIN_SECONDS = 30
"""of the time to commit, on top of what the window needs: the begin of the window and one more turn"""
NOT_TOUCHED = "the source was not touched"


def check_schedule(context: Context) -> None:
    """Raise StepFailed when no window can begin any more, or the maintenance window begins after the deploy has given up.

    A run without a gate has its checks in the freeze alone.
    """
    gate, now = context.settings.gate, context.clock.now()
    if not gate.is_set:
        return
    if gate.closes_at and now >= gate.closes_at:
        refuse(
            context,
            f"the maintenance window ended at {format_iso(gate.closes_at)} before the freeze began",
            "set [cutover] window to a later one, then deploy again",
        )
    needed = WINDOW_SECONDS + DEPLOY_MARGIN_SECONDS
    if context.time_left < needed:
        refuse(
            context,
            "no time is left for a window before the deploy gives up waiting",
            "deploy again, and give the go earlier: the deploy waits 52 minutes for the commit",
        )
    if context.time_left - needed < gate.opens_at - now:
        refuse(
            context,
            f"the maintenance window begins at {format_iso(gate.opens_at)}, after the deploy has given up waiting",
            "deploy again less than 50 minutes before it begins",
        )


def compute_end_of_wait(context: Context) -> float:
    """Return when the run gives up at the latest, in epoch seconds: the limit, the maintenance window, or the time of the deploy."""
    now, gate = context.clock.now(), context.settings.gate
    deploy = now + context.time_left - WINDOW_SECONDS - DEPLOY_MARGIN_SECONDS
    return min(context.began + context.limits.go, gate.closes_at or deploy, deploy)


def require_begun(context: Context) -> None:
    """Raise StepFailed when the run has a gate and the window was not begun: no freeze without it, whatever the state machine does."""
    if context.settings.gate.is_set and context.tools.runs.read().go_state != "begun":
        raise StepFailed(
            f"[cutover] of migration.toml lets a run wait before its freeze, and the run has not done so: {NOT_TOUCHED}",
            next_action="deploy MigrationStack again: its state machine is of another version of the settings",
        )


def refuse(context: Context, reason: str, next_action: str) -> NoReturn:
    """Raise StepFailed; the record does not show any more that the run waits."""
    if context.record.waiting_for:
        context.tools.runs.update_facts(context.run.run_id, waiting_for="")
    raise StepFailed(f"{reason}: {NOT_TOUCHED}", next_action=next_action)
