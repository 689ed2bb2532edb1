"""Stop source writes, wait for the replication to catch up, copy the last files. Users notice every second between the freeze and the commit.

Therefore each step starts the commands that later steps need as early as possible, and collects the results of commands that earlier steps
started. No command does its work before what it depends on is done: the database closes and the delta copies after the source's proxy holds
writes, digests of the target's rows are taken after the marker, and the application on the targets starts after the digests of rows, while files
are compared. (An instance that auto scaling starts in the window may start its application earlier. A write of that instance would fail the
comparison, and the run would roll back.)
"""

from __future__ import annotations

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic import lease
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.file_digests import poll_changed_file_digests
from procedure.steps.freeze_lease import renew_lease_if_due
from procedure.steps.gate import WINDOW_SECONDS, require_begun
from procedure.steps.table_digests import poll_changed_table_digests, send_changed_table_digests
from procedure.steps.targets import begin_activation, permit_activation, stage_live
from procedure.steps.window_commands import (
    build_freeze_options,
    prove_frozen,
    send_database_freeze,
    send_delta,
    send_wait_for_marker,
    send_waiting_commands,
)

LOOK_AT_TASK_SECONDS = 1.0


def stop_source_writes(context: Context) -> Outcome:
    """Hold writes at the source's proxy, and stage the targets while writes in flight end.

    The source tries in attempts, between which its site is open. Only the last attempt cuts writes.
    The lease is in the record before the freeze is sent: every reader of the record then knows that the source may be frozen.
    """
    seconds, app = context.limits.freeze_lease, context.replication.source_app_instance_id
    options = build_freeze_options(context)
    if not context.state.window.frozen_at:
        if context.time_left < WINDOW_SECONDS:
            raise StepFailed(
                "no time is left for a window before the deploy gives up waiting: the source was not touched",
                next_action="deploy again: the step that took long (see the evidence) is done by now",
            )
        require_begun(context)
        context.state.window.frozen_at = context.clock.now()
        context.tools.runs.write_freeze_lease(
            context.run.run_id, expires=lease.compute_lease_end(context.clock.now(), seconds)
        )
        context.commands.send_once(Command.FREEZE, app, options, limit=context.limits.stop_writes)
        send_waiting_commands(context)
        send_wait_for_marker(context)
        stage_live(context)
    result = context.commands.poll(Command.FREEZE, app, options, limit=context.limits.stop_writes)
    if result is None:
        return Pending("the source's proxy to hold writes and those in flight to end", machine=app)
    # Until its last attempt the site was open. The window is what users notice.
    context.state.window.frozen_at += float(result.get("opened_seconds", 0.0))
    if not result.get("reported"):  # the source could not reach the run record
        context.tools.runs.update_facts(context.run.run_id, milestone="held")
    send_database_freeze(context)
    send_delta(context)
    poll_changed_file_digests(context, "source")
    return Done(result)


def stop_database_writes(context: Context) -> Outcome:
    """Make the source's database read-only. Keep which tables and keys were written since the log position."""
    renew_lease_if_due(context)
    server = context.replication.source_database_instance_id
    send_database_freeze(context)
    result = context.commands.poll(Command.FREEZE_DATABASE, server)
    if result is None:
        return Pending("the source's database to become read-only", machine=server)
    comparison = context.state.comparison
    comparison.written_tables = None if result["other_statements"] else result["tables"]
    comparison.written_key_ranges = result.get("ranges", {})
    send_changed_table_digests(context)
    return Done(result)


def wait_for_catch_up(context: Context) -> Outcome:
    """Wait for the marker row on the target, then request the stop of the replication task.

    The marker was written after the last write: when it is on the target, all writes are.
    """
    renew_lease_if_due(context)
    send_wait_for_marker(context)
    result = context.commands.poll(Command.WAIT_MARKER, context.replica)
    if result is None:
        _require_replication(context)
        return Pending("the marker row of this run to arrive on the target", machine=context.replica)
    poll_changed_table_digests(context)
    marker_seen = context.format_now()
    context.tools.runs.update_facts(context.run.run_id, stopped_task=context.replication.replication_task_arn)
    context.database.stop()
    return Done({**result, "marker_seen": marker_seen})


def copy_delta(context: Context) -> Outcome:
    """Copy the files that changed since the full comparison. Then let the targets start, when the digests of their rows are taken too."""
    renew_lease_if_due(context)
    send_delta(context)
    begin_activation(context)
    result = context.commands.poll(Command.DELTA, context.replica)
    if result is None:
        return Pending("the last file changes to be carried over", machine=context.replica)
    poll_changed_file_digests(context, "live")
    # An application that has started may write rows, which would differ from the source's.
    if poll_changed_table_digests(context) is None:
        return Pending("the digests of the rows that changed", machine=context.replica)
    permit_activation(context)
    return Done(result)


def stop_replication(context: Context) -> Outcome:
    """Wait until the replication task has stopped: a running task could apply old changes again.

    Immediately before the commit, the source's database is checked once more: root on that server can write in spite of the freeze.
    """
    renew_lease_if_due(context)
    closed = prove_frozen(context, Command.PROVE_FROZEN_BEFORE_COMMIT)
    task = context.database.read_task()
    if task.status == "running":  # the request was lost, or refused for a moment
        context.database.stop()
        task = context.database.read_task()
    if task.status not in ("stopped", "failed"):
        return Pending(f"replication task {task.name} to stop (it is {task.status})")
    if closed is None:
        return Pending("the source's database server to show that nothing was written since the marker")
    return Done({"task": task.status, "stop_reason": task.stop_reason, "source_database": closed})


def _require_replication(context: Context) -> None:
    """Check once a second that the replication task runs: without it the marker never arrives. StepFailed when it does not run."""
    now, window = context.clock.now(), context.state.window
    window.task_checked_at = window.task_checked_at or now
    if now - window.task_checked_at < LOOK_AT_TASK_SECONDS:
        return
    window.task_checked_at = now
    task = context.database.read_task()
    if task.status != "running":
        raise StepFailed(
            f"replication task {task.name} is {task.status} with the marker of this run on its way: {task.failure or task.stop_reason}",
            next_action="read the task's log, correct the cause, deploy again: the roll back resumes the task"
            if task.status == "failed"
            else "somebody else has stopped the task: resume it, then deploy again",
        )
