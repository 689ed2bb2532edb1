"""Save what a cutover has finished, and keep its launch or replica for a later run when it fails before the freeze."""

from __future__ import annotations

from dataclasses import replace

from common.clients.provider import JobStatus
from common.errors import CutoverError, Missing, StepFailed
from common.suspension import Checkpoint, Suspension

from procedure.context import Context
from procedure.logic.report import accept
from procedure.logic.resume import build_suspension_facts, compute_fingerprint, find_invalid_step
from procedure.outcome import Done, Outcome
from procedure.plan import ALL, BEFORE_WINDOW, TAKE_OVER
from procedure.steps.clean_up import clean_up
from procedure.validities import COPIED, LAUNCHED, TAKEN_OVER

SAVED_STEPS = frozenset(step.name for step in BEFORE_WINDOW if step is not TAKE_OVER)
"""A take-over writes the checkpoint itself, by the same write that makes the replica that of the run."""


def save_checkpoint(context: Context) -> None:
    """Save the finished step, once the provider has accepted the launch. Best effort: without it, a failed run removes its replica."""
    if not _is_enabled(context) or context.step.name not in SAVED_STEPS:
        return
    replica = context.state.replica
    if context.step.name in TAKEN_OVER or replica.finished:
        replica.finished.setdefault(context.step.name, round(context.clock.now(), 3))
    if any(step not in replica.finished for step in LAUNCHED):
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
        taken_over=known.taken_over if known else (),
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
    if find_invalid_step(checkpoint.finished, now=now) or _has_failed_report(context):
        return None
    if not (_is_running(context, checkpoint) if checkpoint.instance_id else _may_launch(context, checkpoint)):
        return None
    return Suspension(
        run_id=context.run.run_id,
        phase=context.state.rollback.failure.get("phase", ""),
        since=round(now, 3),
        until=round(now + context.settings.resume_minutes * 60, 3),
        checkpoint=replace(checkpoint, taken_over=()),
    )


def _has_failed_report(context: Context) -> bool:
    """Return whether the replica has reported that it failed: the cause is in the replica. After the decision, no report is accepted any more."""
    report = context.record.report
    if report is None:
        return False
    try:
        accept(report, str(report.get("instance_id", "")), context.settings.profile.required_checks)
    except StepFailed:
        return True
    return False


def _may_launch(context: Context, checkpoint: Checkpoint) -> bool:
    """Return whether the launch may still end well, or has. A provider that does not return its job may go on with it: the next run looks again."""
    provider = context.tools.provider
    try:
        job = provider.read_job(checkpoint.job_id)
        if job.status is not JobStatus.COMPLETED:
            return job.status is JobStatus.RUNNING
        instance_id = provider.find_launched_instance(checkpoint.source_server_id)
    except Missing:
        return False
    except CutoverError:
        return True
    return bool(instance_id) and _has_not_ended(context, instance_id)


def _is_running(context: Context, checkpoint: Checkpoint) -> bool:
    """Return whether the replica runs, and has not just failed to return its logs. The next run looks at it more closely.

    Nothing needs the logs of a replica that copies for the run that launched it: its Systems Manager may begin to respond later.
    """
    is_copied, is_taken_over = COPIED in checkpoint.finished, bool(checkpoint.taken_over_from)
    if (is_copied or is_taken_over) and checkpoint.instance_id in context.state.logs.missing:
        return False
    if is_taken_over and not is_copied and _has_failed_to_go_on(context):
        return False
    return _has_not_ended(context, checkpoint.instance_id)


def _has_failed_to_go_on(context: Context) -> bool:
    """Return whether the run failed while it waited for the replica to copy for it, and the replica did not begin."""
    return context.state.rollback.failure.get("phase") == ALL[COPIED].phase and not context.state.replica.goes_on


def _has_not_ended(context: Context, instance_id: str) -> bool:
    try:
        status = context.tools.compute.find_instance_status(instance_id)
    except CutoverError:
        return False
    return status is not None and not status.has_ended


def _is_enabled(context: Context) -> bool:
    return context.settings.resume_minutes > 0 and context.run.kind == "cutover" and not context.run.dry_run
