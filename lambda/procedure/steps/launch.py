"""Launch a replica of the source, and wait for it and for its report."""

from __future__ import annotations

from common.clients.provider import JobStatus
from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.report import accept, is_ours
from procedure.outcome import Done, Outcome, Pending
from procedure.state.outputs import Outputs

LONG_POLL_SECONDS = 20
APPEARS_WITHIN_SECONDS = 60
"""EC2 is eventually consistent: a new image may not be seen at once"""


def prepare_launch(context: Context) -> Outcome:
    """The tags are what makes the replica this run's: the report function looks at them."""
    tags = {
        "Name": f"cutover-{context.settings.site}-replica",
        "cutover:role": "replica",
        "cutover:run-id": context.run.run_id,
        "cutover:launch": context.run.launch,
        "cutover:site": context.settings.site,
    }
    server_id = context.require(context.state.replica.source_server_id, "the provider's id of the source server")
    return Done(
        context.tools.provider.prepare_launch(server_id, launch_settings=context.settings.launch_settings, tags=tags)
    )


def launch(context: Context) -> Outcome:
    """The record awaits the report before the launch is asked for: the replica may report before the job has ended."""
    limits = context.limits
    wait = limits.launch + (limits.report if context.run.kind == "test-launch" else limits.bulk)
    if not context.record.awaits:
        context.tools.runs.update_facts(
            context.run.run_id, awaits=context.run.launch, awaits_until=context.clock.now() + wait
        )
    server_id = context.require(context.state.replica.source_server_id, "the provider's id of the source server")
    job_id = context.tools.provider.launch(server_id, context.run.launch, since=context.record.started)
    context.state.replica.launch_job_id = job_id
    return Done({"job": job_id, "type": context.run.launch})


def await_job(context: Context) -> Outcome:
    name = context.settings.provider.source_server_name
    job = context.tools.provider.job(context.require(context.state.replica.launch_job_id, "the launch job"))
    if job.status is JobStatus.FAILED:
        raise StepFailed(
            f"the provider's launch job {job.job_id} failed: {'; '.join(job.log[-3:]) or 'it says nothing about why'}",
            machine=name,
            next_action=f"read the job's log in {context.tools.provider.operator_tool}",
        )
    if job.status is JobStatus.RUNNING:
        return Pending(f"launch job {job.job_id}: {job.log[-1] if job.log else 'no message yet'}", machine=name)
    instance_id = context.tools.provider.launched_instance(context.state.replica.source_server_id)
    if not instance_id:
        return Pending(f"launch job {job.job_id} is completed, but the provider names no instance", machine=name)
    context.state.replica.instance_id = instance_id
    return Done({"job": job.job_id, "instance_id": instance_id, "log": job.log[-20:]})


def await_report(context: Context) -> Outcome:
    """The report is written to the record before its message is deleted, so that a lost answer of this step loses no report."""
    reports = context.tools.reports(context.target.queue_url)
    messages = reports.receive(wait_seconds=LONG_POLL_SECONDS)
    body = next((m.body for m in messages if is_ours(m.body, context.run)), None) or _remembered(context)
    if body is not None:
        context.tools.runs.update_facts(context.run.run_id, received=body)
    for message in messages:  # stale ones of earlier runs too: nobody else waits for them
        reports.delete(message)
    if body is None:
        return Pending(
            "a report of the launched machine",
            machine=context.replica,
            next_action="read its console output and its journal; check its role's right to publish",
        )
    facts = accept(body, context.replica, context.settings.profile.required_checks)
    if context.run.kind == "test-launch":
        image_id = str(body.get("image_id") or "")
        if not image_id:
            raise StepFailed(
                "the report passed, but no image was made of the machine",
                machine=context.replica,
                next_action="read the report function's log",
            )
        context.state.replica.image_id = image_id
    return Done({**facts, "report": dict(body)})


def await_image(context: Context) -> Outcome:
    image_id = context.require(context.state.replica.image_id, "the image")
    image = context.tools.compute.image(image_id)
    if image is None and context.clock.now() - context.began < APPEARS_WITHIN_SECONDS:
        return Pending(f"EC2 to show image {image_id}", machine=context.replica)
    if image is None or image.state in ("failed", "error", "invalid", "deregistered"):
        reason = f"image {image_id} {'does not exist' if image is None else f'is {image.state}: {image.reason}'}"
        raise StepFailed(reason, machine=context.replica, next_action="deploy again")
    if image.state != "available":
        return Pending(f"image {image_id} is {image.state}", machine=context.replica)
    context.state.outputs = Outputs(image_id=image_id, instance_id=context.replica)
    return Done({"image_id": image_id, "snapshots": image.snapshots})


def _remembered(context: Context) -> dict[str, object] | None:
    received = context.record.received
    return dict(received) if received else None
