"""Wait before the freeze until the window may begin: the site is ready, its maintenance window has begun, and somebody has given the go.

The source serves all the while. What was proven before is checked again every minute (readiness.py), so that the window begins seconds after
the go.
"""

from __future__ import annotations

from typing import Any

from common.clients.run_record import Record
from common.clock import format_iso

from procedure.context import Context
from procedure.logic.replication import summarize_reasons
from procedure.outcome import Done, Outcome, Pending
from procedure.steps.gate import NOT_TOUCHED, check_schedule, compute_end_of_wait, refuse
from procedure.steps.messages import announce_ready
from procedure.steps.readiness import check_readiness, is_fresh

GO = "cutover go"
COMMANDS = f"`{GO}` starts the window, `cutover rollback` ends the run"


def await_go(context: Context) -> Outcome:
    """Wait until everything is true that must be true before the window, then begin it in the run record. From then on no hold is accepted.

    StepFailed, so that the run rolls back, when the maintenance window or the time of the deploy ends first, or when the window is predicted
    to be too long.
    """
    if context.run.dry_run:
        context.tools.runs.begin_window(context.run.run_id, needs_go=False)
        return Done({"go": "a dry run waits for nobody"})
    gate, run_id = context.settings.gate, context.run.run_id
    check_schedule(context)
    check_readiness(context)
    record = context.tools.runs.read()
    if record.abort and not record.decision:  # raises RunAborted, as the next invocation would some seconds later
        context.tools.runs.renew_lock(run_id, context.step.name, seconds=context.limits.lock_lease, heed_abort=True)
    if reasons := _list_reasons(context):
        return _wait(context, record, f"the site to be ready: {summarize_reasons(reasons)}")
    if gate.is_manual and not record.go_state:
        context.tools.runs.request_go(run_id)
    if gate.is_manual and record.go_state not in ("given", "begun"):
        announce_ready(
            context,
            until=compute_end_of_wait(context),
            go=GO,
            predicted_window_seconds=context.state.gate.predicted_seconds,
        )
        return _wait(context, record, f"the go of an operator{_describe_window(context)}: {COMMANDS}")
    if context.clock.now() < gate.opens_at:
        return _wait(context, record, f"the maintenance window, which begins at {format_iso(gate.opens_at)}")
    _check_prediction(context)
    if not context.tools.runs.begin_window(run_id, needs_go=gate.is_manual):  # a hold or a request to stop came first
        return Pending("the go of an operator")
    context.tools.runs.update_facts(run_id, waiting_for="")
    return Done(_build_facts(context, record))


def _build_facts(context: Context, record: Record) -> dict[str, Any]:
    state = context.state.gate
    return {
        "go": context.settings.gate.go,
        "by": record.go_by,
        "given": format_iso(record.go_at) if record.go_at else "",
        "checked": format_iso(state.checked_at),
        "predicted_window_seconds": state.predicted_seconds,
        "prediction": state.prediction_facts,
    }


def _list_reasons(context: Context) -> list[str]:
    """Return why the site is not ready. A check that runs for the first time, or that has become too old, is a reason too."""
    state = context.state.gate
    return state.reasons if is_fresh(context) else ["its last checks before the window"]


def _wait(context: Context, record: Record, text: str) -> Pending:
    if text != record.waiting_for:
        context.tools.runs.update_facts(context.run.run_id, waiting_for=text)
    return Pending(text, next_action=f"{NOT_TOUCHED}; deploy again when ready")


def _describe_window(context: Context) -> str:
    predicted = context.state.gate.predicted_seconds
    return "" if predicted is None else f" (everything is ready; the window would take about {predicted:.0f} s)"


def _check_prediction(context: Context) -> None:
    gate, predicted = context.settings.gate, context.state.gate.predicted_seconds
    if gate.max_window_seconds and predicted is None:
        refuse(
            context,
            "the length of the window cannot be predicted, and [cutover] max_window_seconds requires it",
            "look at the lag of the replication task and at the evidence of accept-scratch and verify, then deploy again",
        )
    if gate.max_window_seconds and predicted is not None and predicted > gate.max_window_seconds:
        refuse(
            context,
            f"the window is predicted to take {predicted:.0f} s, and [cutover] max_window_seconds allows {gate.max_window_seconds:.0f}",
            "deploy again when fewer rows and files change, or raise it; the evidence of await-go has the terms of the prediction",
        )
    left = gate.closes_at - context.clock.now() if gate.closes_at else 0.0
    if gate.closes_at and left < (predicted or 0.0):
        refuse(
            context,
            f"the maintenance window ends in {left:.0f} s, and the freeze is predicted to take {predicted:.0f} s",
            "set [cutover] window to a later one, then deploy again",
        )
