"""The source stops taking writes: freeze, drain, delta. From here to the commit every second is felt by users.

The file delta is started as soon as the site is frozen and runs beside the drain of the database; `delta` collects its answer.
"""

from __future__ import annotations

from common.errors import LeaseLost

from procedure.context import Context, Done, Outcome, Pending
from procedure.logic import lease


def freeze(context: Context) -> Outcome:
    """The lease is on record before the source hears of it: whoever looks knows that the source may be frozen."""
    seconds, app = context.limits.freeze_lease, context.replication.source_app_instance_id
    if "frozen_since" not in context.memory:
        context.memory["frozen_since"] = context.clock.now()
        context.tools.runs.freeze_lease(context.run.run_id, expires=lease.expires(context.clock.now(), seconds))
    answer = context.command(
        "freeze", app, "freeze", {"run": context.run.run_id, "lease": seconds}, limit=context.limits.freeze
    )
    if answer is None:
        return Pending("the source's proxy to refuse writes and those in flight to end", machine=app)
    _begin_delta(context)
    return Done(answer)


def freeze_database(context: Context) -> Outcome:
    keep_lease(context)
    server = context.replication.source_database_instance_id
    answer = context.command(
        "freeze-database", server, "freeze-database", {"run": context.run.run_id}, limit=context.limits.freeze
    )
    if answer is None:
        return Pending("the source's database to become read-only", machine=server)
    return Done(answer)


def drain(context: Context) -> Outcome:
    """The marker row was written after the last write; when it is on the target, all writes are. Then the task is stopped."""
    keep_lease(context)
    limit = context.limits.drain
    answer = context.command(
        "wait-marker", context.replica, "wait-marker", {"run": context.run.run_id, "timeout": limit}, limit=limit + 15
    )
    if answer is None:
        return Pending("the marker row of this run to arrive on the target", machine=context.replica)
    if "drained" not in context.memory:
        context.memory["drained"] = context.stamp()
        context.tools.runs.note(context.run.run_id, draining=context.replication.replication_task_arn)
        context.database.stop()
    task = context.database.task()
    if task.status == "running":  # the request was lost, or refused for a moment
        context.database.stop()
        task = context.database.task()
    if task.status not in ("stopped", "failed"):
        return Pending(f"replication task {task.name} to stop (it is {task.status})")
    return Done(
        {**answer, "marker_seen": context.memory["drained"], "task": task.status, "stop_reason": task.stop_reason}
    )


def delta(context: Context) -> Outcome:
    keep_lease(context)
    _begin_delta(context)
    answer = context.command("delta", context.replica, "delta")
    if answer is None:
        return Pending("the last file changes to be carried over", machine=context.replica)
    return Done(answer)


def _begin_delta(context: Context) -> None:
    limit = context.limits.delta
    options: dict[str, str | int | bool] = {
        "source": context.required("source_address", "the source's private address"),
        "timeout": limit,
    }
    context.begin("delta", context.replica, "delta", options, limit=limit)


def keep_lease(context: Context) -> None:
    """Renews the source's lease beside the step's own work; the answer is collected by a later poll. LeaseLost when it has run out."""
    seconds, now = context.limits.freeze_lease, context.clock.now()
    expiry = context.record.lease_expires
    if lease.is_lost(now, expiry):
        raise LeaseLost("the freeze lease ran out: the source is open again", machine=context.replication.source_app_instance_id,
                        next_action="find what took so long in the run's evidence, then deploy again")  # fmt: skip
    if not lease.needs_renewal(now, expiry, seconds):
        return
    options: dict[str, str | int | bool] = {"run": context.run.run_id, "lease": seconds}
    if context.command("renew", context.replication.source_app_instance_id, "renew", options) is not None:
        context.tools.runs.freeze_lease(context.run.run_id, expires=lease.expires(context.sent_at("renew"), seconds))
        context.forget("renew")
