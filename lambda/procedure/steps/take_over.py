"""Take the launch or the replica of a suspended run over, or remove it. Afterwards no run is suspended, whatever this run does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from common.clients.provider import JobStatus
from common.clock import format_iso
from common.errors import RetryableCommandError, StepFailed
from common.kept_launch import is_current
from common.suspension import Checkpoint, Suspension

from procedure.commands import Options
from procedure.context import Context
from procedure.logic.resume import compute_fingerprint, find_rejection_reason, list_valid_steps
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.validities import COPIED

RESPONDS_WITHIN_SECONDS = 60
"""A replica that does not respond by then is removed: it would fail the run later."""


def take_over(context: Context) -> Outcome:
    """Make the replica of the suspended run that of this run, if it can be used. Remove it otherwise, and wait until it is gone."""
    if (mine := context.record.finished) is not None and mine.taken_over_from:
        return _adopt(context, mine)  # the response to the write was lost
    suspension = context.record.suspension
    if suspension is None:
        return Done({"taken_over": "nothing: no run is suspended"})
    if context.run.dry_run:
        return Done({"taken_over": "a dry run takes nothing over"})
    if context.state.replica.cleanup_job_id:
        return _remove(context, suspension, "its removal has begun")
    now = context.clock.now()
    reason = find_rejection_reason(
        suspension,
        context.run,
        fingerprint=compute_fingerprint(context.settings, context.replication),
        source_server_id=context.state.replica.source_server_id,
        now=now,
    ) or _find_problem(context, suspension.checkpoint)
    if reason is None:
        kept = suspension.checkpoint
        return Pending(f"the {kept.describe()} of the suspended run to respond", machine=kept.instance_id)
    if reason:
        return _remove(context, suspension, reason)
    finished = suspension.checkpoint.finished
    valid = {step: finished[step] for step in list_valid_steps(finished, now=now)}
    checkpoint = replace(
        suspension.checkpoint, taken_over_from=suspension.run_id, finished=valid, taken_over=list(valid)
    )
    if not context.tools.runs.take_over(context.run.run_id, suspension, checkpoint):
        return Pending("the run record to show the suspended run")  # it was changed since it was read
    return _adopt(context, checkpoint)


def unless_taken_over(perform: Callable[[Context], Outcome]) -> Callable[[Context], Outcome]:
    """Return the step that is done at once if this run has taken its result over. The run record decides, not the state."""

    def perform_or_take_over(context: Context) -> Outcome:
        checkpoint = context.record.finished
        if checkpoint is None or not checkpoint.taken_over_from:
            return perform(context)
        if context.step.name not in checkpoint.taken_over:
            outcome = perform(context)
            if isinstance(outcome, Pending):
                return outcome
            return Done({**outcome.facts, "continued_from": checkpoint.taken_over_from})
        return Done(
            {
                "taken_over_from": checkpoint.taken_over_from,
                "finished": format_iso(checkpoint.finished[context.step.name]),
                "instance_id": checkpoint.instance_id,
            }
        )

    return perform_or_take_over


def _adopt(context: Context, checkpoint: Checkpoint) -> Done:
    replica = context.state.replica
    replica.source_server_id, replica.launch_job_id = checkpoint.source_server_id, checkpoint.job_id
    replica.instance_id = checkpoint.instance_id
    replica.finished = dict(checkpoint.finished)
    facts: dict[str, Any] = {step: format_iso(at) for step, at in replica.finished.items()}
    what = {"instance_id": checkpoint.instance_id} if checkpoint.instance_id else {"job": checkpoint.job_id}
    return Done({"taken_over_from": checkpoint.taken_over_from, **what, "finished": facts})


def _find_problem(context: Context, checkpoint: Checkpoint) -> str | None:
    """Return what is wrong with the replica, empty when it can be used; None while that is not known yet."""
    if not is_current(context.tools.provider, checkpoint):
        return "the provider does not know it as the replica of the source server any more"
    if not checkpoint.instance_id:
        return _find_problem_of_launch(context, checkpoint)
    status = context.tools.compute.find_instance_status(checkpoint.instance_id)
    if status is None or status.has_ended:
        return f"EC2 has it as {status or 'gone'}"
    try:
        response = _request_response(context, checkpoint)
    except RetryableCommandError as unreachable:
        response, reason = None, unreachable.reason
    except StepFailed as refused:
        return f"it does not work: {refused.reason}"
    else:
        reason = "its command has not ended"
    if response is not None:
        return ""
    return _wait_or_report(context, f"it does not respond: {reason}")


def _request_response(context: Context, checkpoint: Checkpoint) -> dict[str, Any] | None:
    """Return the response of the replica to a command that the run needs of it next, None while it works."""
    if COPIED in checkpoint.finished:
        return context.commands.poll(Command.DELTA_KEY, checkpoint.instance_id)
    options: Options = {"run": context.run.run_id, "launched-by": checkpoint.launched_by, "check": True}
    return context.commands.poll(Command.CHECK_CONTINUATION, checkpoint.instance_id, options)


def _find_problem_of_launch(context: Context, checkpoint: Checkpoint) -> str | None:
    """Return what is wrong with a launch whose end the suspended run has not seen, empty when it can be used; None while that is not known yet.

    The step await-job waits for a launch that still runs.
    """
    try:
        job = context.tools.provider.read_job(checkpoint.job_id)
    except StepFailed as refused:
        return f"the provider does not return its launch job {checkpoint.job_id}: {refused.reason}"
    if job.status is JobStatus.RUNNING:
        return ""
    if job.status is JobStatus.FAILED:
        return f"its launch job {job.job_id} failed: {'; '.join(job.log[-3:]) or 'it gives no reason'}"
    instance_id = context.tools.provider.find_launched_instance(checkpoint.source_server_id)
    status = context.tools.compute.find_instance_status(instance_id) if instance_id else None
    if status is None:  # EC2 is eventually consistent
        return _wait_or_report(context, f"its launch job {job.job_id} is completed, and EC2 has no replica of it")
    return f"EC2 has it as {status}" if status.has_ended else ""


def _wait_or_report(context: Context, problem: str) -> str | None:
    """Return None while the problem may pass, then the problem."""
    return None if context.clock.now() - context.began < RESPONDS_WITHIN_SECONDS else problem


def _remove(context: Context, suspension: Suspension, reason: str) -> Outcome:
    """Remove the replica under the lock of this run, and wait for it: nothing may be launched beside a removal."""
    provider, checkpoint = context.tools.provider, suspension.checkpoint
    replica, server_id = context.state.replica, checkpoint.source_server_id
    machine = context.settings.provider.source_server_name
    if not replica.cleanup_job_id:
        # The provider knows one replica per server. Another one is not ours to remove: the launch replaces it.
        if is_current(provider, checkpoint):
            if running := provider.find_launch_job(server_id):
                return Pending(f"launch job {running} to end, so that its replica can be removed", machine=machine)
            replica.cleanup_job_id = provider.remove_replica(server_id)
        elif not checkpoint.instance_id:
            context.warn(
                f"the source server was launched again after {checkpoint.describe()}: `cutover clean-up` lists what is left of that launch"
            )
        if not replica.cleanup_job_id:
            return _forget(context, suspension, reason)
    job = provider.read_job(replica.cleanup_job_id)
    if job.status is JobStatus.RUNNING:
        return Pending(f"clean-up job {job.job_id}, which removes the replica of {suspension.run_id}", machine=machine)
    if job.status is JobStatus.FAILED:
        context.warn(
            f"the provider could not remove the {checkpoint.describe()}: remove its machine in {provider.operator_tool}"
        )
    return _forget(context, suspension, reason)


def _forget(context: Context, suspension: Suspension, reason: str) -> Done:
    context.tools.runs.forget_suspended(context.run.run_id, suspension)
    context.state.replica.cleanup_job_id = ""  # the clean-up of this run's own replica has a job of its own
    context.commands.reset(Command.DELTA_KEY, Command.CHECK_CONTINUATION)
    checkpoint = suspension.checkpoint
    removed = {"removed": checkpoint.instance_id or checkpoint.describe(), "of": suspension.run_id}
    return Done({"taken_over": f"nothing: {reason}", **removed})
