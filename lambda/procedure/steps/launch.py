"""Launch a replica of the source, and wait for it and for its report."""

from __future__ import annotations

from common.clients.provider import JobStatus
from common.clients.queue import SLICE_SECONDS
from common.clients.reports import Message, Reports
from common.errors import CutoverError, StepFailed

from procedure.context import Context
from procedure.logic.report import accept, is_ours
from procedure.outcome import Done, Outcome, Pending
from procedure.state.outputs import Outputs
from procedure.steps.abort import AbortWatch
from procedure.steps.provider_wait import read_until_event

LONG_POLL_SECONDS = 20
CONSOLE_CHARACTERS = 300
"""of the console in a reason: CloudFormation shows about a thousand characters of it"""
APPEARS_WITHIN_SECONDS = 60
"""EC2 is eventually consistent: a new image may not be seen at once"""


def mark_ready_for_cutover(context: Context) -> Outcome:
    """Record with the provider that the test was accepted."""
    return Done(context.tools.provider.mark_ready_for_cutover(_require_server_id(context)))


def prepare_launch(context: Context) -> Outcome:
    """Write the launch settings. Their tags identify the replica as this run's: the report function checks them."""
    tags = {
        "Name": f"cutover-{context.settings.site}-replica",
        "cutover:role": "replica",
        "cutover:run-id": context.run.run_id,
        "cutover:launch": context.run.launch,
        "cutover:site": context.settings.site,
    }
    settings = context.settings.launch_settings
    return Done(context.tools.provider.prepare_launch(_require_server_id(context), launch_settings=settings, tags=tags))


def launch(context: Context) -> Outcome:
    """Start the launch. The record expects the report before that: the replica may report before the job has ended."""
    limits = context.limits
    wait = limits.launch + (limits.report if context.run.kind == "test-launch" else limits.bulk)
    if not context.record.expected_report:
        context.tools.runs.update_facts(
            context.run.run_id, expected_report=context.run.launch, expected_report_until=context.clock.now() + wait
        )
    job_id = context.tools.provider.launch(
        _require_server_id(context), context.run.launch, since=context.record.started
    )
    context.state.replica.launch_job_id = job_id
    return Done({"job": job_id, "type": context.run.launch})


def await_job(context: Context) -> Outcome:
    """Wait for the launch job, and keep the instance id of the replica."""
    name = context.settings.provider.source_server_name
    job_id = context.require(context.state.replica.launch_job_id, "the launch job")
    job = read_until_event(
        context,
        context.state.replica.source_server_id,
        lambda: context.tools.provider.read_job(job_id),
        is_waiting=lambda job: job.status is JobStatus.RUNNING,
    )
    if job.status is JobStatus.FAILED:
        raise StepFailed(
            f"the provider's launch job {job.job_id} failed: {'; '.join(job.log[-3:]) or 'it gives no reason'}",
            machine=name,
            next_action=f"read the job's log in {context.tools.provider.operator_tool}",
        )
    if job.status is JobStatus.RUNNING:
        return Pending(f"launch job {job.job_id}: {job.log[-1] if job.log else 'no message yet'}", machine=name)
    instance_id = context.tools.provider.find_launched_instance(context.state.replica.source_server_id)
    if not instance_id:
        return Pending(f"launch job {job.job_id} is completed, but the provider names no instance", machine=name)
    status = _check_running(context, instance_id)
    for warning in job.warnings:
        context.warn(f"launch job {job.job_id}: {warning}")
    context.state.replica.instance_id = instance_id
    return Done({"job": job.job_id, "instance_id": instance_id, "ec2_status": status, "log": job.log[-20:]})


def await_report(context: Context) -> Outcome:
    """Wait for the report of the replica. It is written to the record before its message is deleted, so that no crash loses it."""
    reports = context.tools.create_reports(context.target.queue_url)
    messages = _receive(context, reports)
    body = next((m.body for m in messages if is_ours(m.body, context.run)), None) or _read_received(context)
    if body is not None:
        context.tools.runs.update_facts(context.run.run_id, received=body)
    for message in messages:  # also messages of earlier runs: nobody else reads them
        reports.delete(message)
    if body is None:
        status = "" if context.tools.runs.read().report_by else _check_running(context, context.replica)
        return Pending(
            f"a report of the launched machine (EC2: {status})" if status else "a report of the launched machine",
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
    """Wait until the image is available."""
    image_id = context.require(context.state.replica.image_id, "the image")
    image = context.tools.compute.find_image(image_id)
    if image is None and context.clock.now() - context.began < APPEARS_WITHIN_SECONDS:
        return Pending(f"EC2 to show image {image_id}", machine=context.replica)
    if image is None or image.state in ("failed", "error", "invalid", "deregistered"):
        reason = f"image {image_id} {'does not exist' if image is None else f'is {image.state}: {image.reason}'}"
        raise StepFailed(reason, machine=context.replica, next_action="deploy again")
    if image.state != "available":
        return Pending(f"image {image_id} is {image.state}", machine=context.replica)
    context.state.outputs = Outputs(image_id=image_id, instance_id=context.replica)
    return Done({"image_id": image_id, "snapshots": image.snapshots})


def _receive(context: Context, reports: Reports) -> list[Message]:
    """Return the messages that arrive during a long poll. Raises RunAborted when somebody requests meanwhile that the run stops."""
    watch, until = AbortWatch(context), context.clock.now() + LONG_POLL_SECONDS
    while True:
        messages = reports.receive(wait_seconds=SLICE_SECONDS)
        if messages or context.clock.now() >= until:
            return messages
        if watch.is_requested():
            watch.raise_if_requested()


def _check_running(context: Context, instance_id: str) -> str:
    """Return EC2's status of the replica. StepFailed when it has stopped: a completed job does not show that its machine boots.

    A failed status check alone is no failure, because a slow boot fails it too. The report shows that the machine works.
    """
    try:
        status = context.tools.compute.find_instance_status(instance_id)
    except StepFailed as failed:
        return f"not checked: {failed.reason}"
    if status is not None and status.has_ended:
        raise StepFailed(
            f"the launched machine does not run: EC2 has it as {status}. Its console: {_read_console_end(context, instance_id)}",
            machine=instance_id,
            next_action="read its console output in the logs: a machine that does not boot has its reason there",
        )
    return str(status or "not shown yet")


def _read_console_end(context: Context, instance_id: str) -> str:
    """Return the last words of the machine. The logs that the roll back collects have all of them."""
    try:
        text = context.tools.consoles.read(instance_id)
    except CutoverError as failed:
        return f"cannot be read: {failed.reason}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines)[-CONSOLE_CHARACTERS:] or "EC2 has none yet"


def _require_server_id(context: Context) -> str:
    return context.require(context.state.replica.source_server_id, "the provider's id of the source server")


def _read_received(context: Context) -> dict[str, object] | None:
    received = context.record.received
    return dict(received) if received else None
