"""Take the replica of a suspended run over, or remove it. Afterwards no run is suspended, whatever this run does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from common.clients.provider import JobStatus
from common.clock import format_iso
from common.errors import RetryableCommandError, StepFailed
from common.suspension import Checkpoint, Suspension

from procedure.context import Context
from procedure.logic.resume import compute_fingerprint, find_objection
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.validities import VALIDITIES

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
    objection = find_objection(
        suspension,
        context.run,
        fingerprint=compute_fingerprint(context.settings, context.replication),
        source_server_id=context.state.replica.source_server_id,
        now=context.clock.now(),
    ) or _find_problem(context, suspension.checkpoint)
    if objection is None:
        return Pending("the replica of the suspended run to respond", machine=suspension.checkpoint.instance_id)
    if objection:
        return _remove(context, suspension, objection)
    checkpoint = replace(suspension.checkpoint, taken_over_from=suspension.run_id)
    if not context.tools.runs.take_over(context.run.run_id, suspension, checkpoint):
        return Pending("the run record to show the suspended run")  # it was changed since it was read
    return _adopt(context, checkpoint)


def unless_taken_over(perform: Callable[[Context], Outcome]) -> Callable[[Context], Outcome]:
    """Return the step that is done at once if this run has taken its result over. The run record decides, not the state."""

    def perform_or_take_over(context: Context) -> Outcome:
        checkpoint = context.record.finished
        if checkpoint is None or not checkpoint.taken_over_from or not VALIDITIES[context.step.name].seconds:
            return perform(context)
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
    replica.finished = {step: at for step, at in checkpoint.finished.items() if VALIDITIES[step].seconds}
    facts: dict[str, Any] = {step: format_iso(at) for step, at in replica.finished.items()}
    return Done(
        {"taken_over_from": checkpoint.taken_over_from, "instance_id": checkpoint.instance_id, "finished": facts}
    )


def _find_problem(context: Context, checkpoint: Checkpoint) -> str | None:
    """Return what is wrong with the replica, empty when it can be used; None while that is not known yet."""
    if context.tools.provider.find_launched_instance(checkpoint.source_server_id) != checkpoint.instance_id:
        return "the provider does not know it as the replica of the source server any more"
    status = context.tools.compute.find_instance_status(checkpoint.instance_id)
    if status is None or status.has_ended:
        return f"EC2 has it as {status or 'gone'}"
    try:
        key = context.commands.poll(Command.DELTA_KEY, checkpoint.instance_id)
    except RetryableCommandError as unreachable:
        key, reason = None, unreachable.reason
    except StepFailed as refused:
        return f"it does not work: {refused.reason}"
    else:
        reason = "its command has not ended"
    if key is not None:
        return ""
    waited = context.clock.now() - context.began
    return None if waited < RESPONDS_WITHIN_SECONDS else f"it does not respond: {reason}"


def _remove(context: Context, suspension: Suspension, reason: str) -> Outcome:
    """Remove the replica under the lock of this run, and wait for it: nothing may be launched beside a removal."""
    provider, checkpoint = context.tools.provider, suspension.checkpoint
    replica, server_id = context.state.replica, checkpoint.source_server_id
    machine = context.settings.provider.source_server_name
    if not replica.cleanup_job_id:
        # The provider knows one replica per server. Another one is not ours to remove: the launch replaces it.
        if provider.find_launched_instance(server_id) == checkpoint.instance_id:
            if running := provider.find_launch_job(server_id):
                return Pending(f"launch job {running} to end, so that its replica can be removed", machine=machine)
            replica.cleanup_job_id = provider.remove_replica(server_id)
        if not replica.cleanup_job_id:
            return _forget(context, suspension, reason)
    job = provider.read_job(replica.cleanup_job_id)
    if job.status is JobStatus.RUNNING:
        return Pending(f"clean-up job {job.job_id}, which removes the replica of {suspension.run_id}", machine=machine)
    if job.status is JobStatus.FAILED:
        context.warn(
            f"the provider could not remove the replica {checkpoint.instance_id}: remove it in {provider.operator_tool}"
        )
    return _forget(context, suspension, reason)


def _forget(context: Context, suspension: Suspension, reason: str) -> Done:
    context.tools.runs.forget_suspended(context.run.run_id, suspension)
    context.state.replica.cleanup_job_id = ""  # the clean-up of this run's own replica has a job of its own
    context.commands.reset(Command.DELTA_KEY)
    removed = {"removed": suspension.checkpoint.instance_id, "of": suspension.run_id}
    return Done({"taken_over": f"nothing: {reason}", **removed})
