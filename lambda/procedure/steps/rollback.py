"""Roll a run back, in reverse order.

Every step works from the current state of the run record and of the services, not from the execution's state: the run may have failed anywhere,
even after a step had done its work, and its state may be of another version.
"""

from __future__ import annotations

from common.errors import format_sentence

from procedure.context import Context
from procedure.logic.failure import READ_THE_LOG, add_failed_step, format_cause, parse_caught_error
from procedure.logic.resume import format_kept
from procedure.outcome import Done, Outcome, Pending
from procedure.plan import AFTER_COMMIT, ALL
from procedure.state.commands import Command
from procedure.steps.collect import add_logs_key

BY_HAND = "do it by hand, as the runbook describes under After the commit"
RESUMABLE = frozenset({"stopped", "failed"})


def decide_rollback(context: Context) -> Outcome:
    """Decide against the commit, so that it cannot happen any more. If it has happened, the procedure goes on after it."""
    decided = context.tools.runs.roll_back(context.run.run_id)
    context.state.committed = decided.committed and decided.run_id == context.run.run_id
    return Done({"decision": decided.decision, "failure": context.state.rollback.failure or None})


def close_target_traffic(context: Context) -> Outcome:
    """Remove all ingress of the target's load balancers."""
    if not context.target.admission_security_group_id:
        return Done({"rules": 0})
    removed = context.tools.create_ingress(context.target.admission_security_group_id).revoke_all()
    return Done({"rules": removed})


def resume_source_writes(context: Context) -> Outcome:
    """Let the source accept writes again, the database first: the first write then finds it writable. Skipped when no freeze was sent.

    The command is sent again after a refusal (the database server may be restarting), until the machine's own switch would open it.
    """
    if not context.record.lease_expires:
        return Done({"source": "was never frozen"})
    database, app = context.replication.source_database_instance_id, context.replication.source_app_instance_id
    results = {}
    for name, instance in (("thaw-database", database), ("thaw", app)):
        result = context.commands.poll_until_ok(
            Command.THAW,
            instance,
            {"run": context.run.run_id},
            waiting_for="the source to accept writes again",
            limit=context.limits.freeze,
        )
        if isinstance(result, Pending):
            return result
        results[name] = result
    context.tools.runs.update_facts(context.run.run_id, lease_expires=0.0)
    rollback = context.state.rollback
    rollback.source_opened_at = rollback.source_opened_at or context.format_now()
    return Done({**results, "open_since": rollback.source_opened_at})


def resume_replication(context: Context) -> Outcome:
    """Resume a replication task that this run stopped, or that failed. A task that somebody else stopped stays stopped."""
    task = context.database.read_task()
    if (
        not context.record.stopped_task
        and task.status != "failed"
        and not context.state.rollback.replication_resumed_at
    ):
        return Done({"replication": "was never stopped"})
    if task.status == "running":
        context.tools.runs.update_facts(context.run.run_id, stopped_task="")
        return Done({"task": task.status})
    if task.status == "failed" and context.state.rollback.replication_resumed_at:
        context.warn(
            f"replication task {task.name} failed again: {task.failure}. Correct the cause, then resume the task"
        )
        return Done({"task": task.status, "failure": task.failure})
    if task.status in RESUMABLE:
        context.state.rollback.replication_resumed_at = context.format_now()
        context.database.start("resume-processing")
    return Pending(f"replication task {task.name} to run again (it is {task.status})")


def warn(context: Context) -> Outcome:
    """Turn the failure of a best-effort step into a warning."""
    error, step = context.caught.error, context.caught.step
    spec = ALL.get(step)
    facts = parse_caught_error(error, phase=spec.phase if spec else step)
    if spec in AFTER_COMMIT and facts["next"] in ("", READ_THE_LOG):
        facts["next"] = BY_HAND
    context.warn(format_sentence(facts))
    return Done({"step": step, "warnings": context.state.warnings})


def conclude(context: Context) -> Outcome:
    """Set the cause with which the execution fails: phase, machine, reason, what to do.

    When the roll back could not be decided, there are two errors: the first is the cause, the second becomes a warning.
    """
    error = context.caught.error
    if "First" in error:
        context.warn(format_sentence(parse_caught_error(error)))
        error = add_failed_step(error["First"], context.record)
    failure = add_logs_key(context, context.state.rollback.failure or parse_caught_error(error))
    suspension = context.record.suspension
    if suspension is not None and suspension.run_id == context.run.run_id:
        failure["kept"] = format_kept(suspension)
    context.state.cause = format_cause(failure, context.state.warnings)
    return Done(failure)
