"""Save what a cutover has finished, and keep its replica for a later run when it fails before the freeze."""

from __future__ import annotations

from common.errors import CutoverError
from common.suspension import Checkpoint, Suspension

from procedure.context import Context
from procedure.logic.resume import build_suspension_facts, compute_fingerprint, find_invalid_step
from procedure.outcome import Done, Outcome
from procedure.plan import BEFORE_WINDOW, TAKE_OVER
from procedure.steps.clean_up import clean_up
from procedure.validities import TAKEN_OVER

SAVED_STEPS = frozenset(step.name for step in BEFORE_WINDOW if step is not TAKE_OVER)
"""A take-over writes the checkpoint itself, by the same write that makes the replica that of the run."""


def save_checkpoint(context: Context) -> None:
    """Save the finished step, once the run has all that a later run can take over. Best effort: without it, a failed run removes its replica."""
    if not _is_enabled(context) or context.step.name not in SAVED_STEPS:
        return
    replica = context.state.replica
    if context.step.name in TAKEN_OVER or replica.finished:
        replica.finished.setdefault(context.step.name, round(context.clock.now(), 3))
    if any(step not in replica.finished for step in TAKEN_OVER):
        return
    try:
        context.tools.runs.save_checkpoint(context.run.run_id, _build_checkpoint(context))
    except CutoverError as failed:
        context.warn(f"what was finished could not be saved for a later run: {failed.reason}")


def _build_checkpoint(context: Context) -> Checkpoint:
    replica, known = context.state.replica, context.record.finished
    return Checkpoint(
        launched_by=known.launched_by if known else context.run.run_id,
        cutover_id=context.run.cutover_id,
        fingerprint=compute_fingerprint(context.settings, context.replication),
        source_server_id=replica.source_server_id,
        job_id=replica.launch_job_id,
        instance_id=replica.instance_id,
        finished=replica.finished,
        taken_over_from=known.taken_over_from if known else "",
    )


def roll_back_replica(context: Context) -> Outcome:
    """Keep the replica for a later run if that is permitted, remove it otherwise."""
    suspension = context.record.suspension
    if suspension is not None and suspension.run_id == context.run.run_id:
        return Done(build_suspension_facts(suspension))  # the response to the write was lost
    suspension = _build_suspension(context)
    if suspension is not None and context.tools.runs.suspend(context.run.run_id, suspension):
        return Done(build_suspension_facts(suspension))
    return clean_up(context)


def _build_suspension(context: Context) -> Suspension | None:
    """Return the suspension of the run, None when its replica is to be removed. The conditional write decides finally."""
    checkpoint, now = context.record.finished, context.clock.now()
    if checkpoint is None or not _is_enabled(context) or context.record.abort:
        return None
    if find_invalid_step(checkpoint.finished, now=now) or not _is_running(context, checkpoint.instance_id):
        return None
    return Suspension(
        run_id=context.run.run_id,
        phase=context.state.rollback.failure.get("phase", ""),
        since=round(now, 3),
        until=round(now + context.settings.resume_minutes * 60, 3),
        checkpoint=checkpoint,
    )


def _is_running(context: Context, instance_id: str) -> bool:
    """Return whether the replica runs, and has not just failed to return its logs. The next run looks at it more closely."""
    if instance_id in context.state.logs.missing:
        return False
    try:
        status = context.tools.compute.find_instance_status(instance_id)
    except CutoverError:
        return False
    return status is not None and not status.has_ended


def _is_enabled(context: Context) -> bool:
    return context.settings.resume_minutes > 0 and context.run.kind == "cutover" and not context.run.dry_run
