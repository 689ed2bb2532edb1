"""Remove what a run leaves on the source, with the provider and in EC2."""

from __future__ import annotations

from common.clients.compute import build_image_name
from common.clients.provider import JobStatus
from common.errors import StepFailed

from procedure.context import Context
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.provider_wait import read_until_event


def deny_delta(context: Context) -> Outcome:
    """Remove the replica's access to the source's files."""
    if not context.record.expected_report:
        return Done({"delta": "was never allowed: no replica was launched"})
    app = context.replication.source_app_instance_id
    result = context.commands.poll(Command.DENY_DELTA, app)
    if result is None:
        return Pending("the source to remove the key of the delta", machine=app)
    return Done(result)


def finalize(context: Context) -> Outcome:
    """End the replication of the source server for good. NOT REVERSIBLE, and therefore only after the commit.

    The source server is taken from the record, so that the step works without the state of the run.
    """
    server_id = context.state.replica.source_server_id or context.record.source_server_id
    if not context.record.committed and not context.run.dry_run:
        raise StepFailed("the run has not committed: its source server must stay replicated")
    if not server_id:
        raise StepFailed(
            "the provider's id of the source server is not known",
            machine=context.settings.provider.source_server_name,
            next_action=f"end its replication in {context.tools.provider.operator_tool}",
        )
    return Done(context.tools.provider.finalize(server_id))


def clean_up(context: Context) -> Outcome:
    """Remove the replica that this run launched. A launch job that still works is waited for.

    The source server is taken from the record, so that the step works without the state of the run. The record expects a report until the
    replica is removed.
    """
    name = context.settings.provider.source_server_name
    replica = context.state.replica
    server_id = replica.source_server_id or context.record.source_server_id
    if not server_id or not context.record.expected_report:
        return Done({"replica": "none was launched"})
    if not replica.cleanup_job_id:
        launching = read_until_event(
            context, server_id, lambda: context.tools.provider.find_launch_job(server_id), is_waiting=bool
        )
        if launching:
            return Pending(
                f"launch job {launching} to end, so that its replica can be removed",
                machine=name,
                next_action=f"remove the replica in {context.tools.provider.operator_tool} when the job has ended",
            )
        job_id = context.tools.provider.remove_replica(server_id)
        if not job_id:
            context.tools.runs.update_facts(context.run.run_id, expected_report="")
            return Done({"replica": "none is left"})
        replica.cleanup_job_id = job_id
    job = context.tools.provider.read_job(replica.cleanup_job_id)
    if job.status is JobStatus.RUNNING:
        return Pending(f"clean-up job {job.job_id}", machine=name)
    context.tools.runs.update_facts(context.run.run_id, expected_report="")
    for warning in job.warnings:
        context.warn(f"clean-up job {job.job_id}: {warning}")
    if job.status is JobStatus.FAILED:
        tool = context.tools.provider.operator_tool
        context.warn(f"the provider could not remove the replica of {name}: remove it in {tool}")
        return Done({"job": job.job_id, "failed": True, "log": job.log[-5:]})
    return Done({"job": job.job_id})


def delete_image(context: Context) -> Outcome:
    """Delete the image of a test launch that failed after the image was made."""
    image = context.tools.compute.find_image_by_name(build_image_name(context.settings.site, context.run.run_id))
    if image is None:
        return Done({"image": "none was made"})
    if image.state == "pending":
        return Pending(f"image {image.image_id} is still being made")
    context.tools.compute.delete_image(image)
    return Done({"image": image.image_id, "snapshots": image.snapshots})
