"""Check that the run can succeed, and wait for the replications. Changes nothing but rows of the target that differ."""

from __future__ import annotations

from typing import Any

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.replication import Verdict, evaluate, summarize_reasons
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.gate import check_schedule
from procedure.steps.permission_checks import check_permissions
from procedure.steps.provider_wait import read_until_event
from procedure.steps.reload import list_reloaded, list_reloading, reload_tables
from procedure.steps.source_checks import check_source

EVENT_WAIT_SECONDS = 1
"""short, because the step waits for the database and the source's machines at the same time"""
FRESH_SECONDS = 120
"""how old the machines' results may be: replication can take long, and the machines may have changed meanwhile"""


def run_preflight(context: Context) -> Outcome:
    """Check both replications, the source's machines, and for a cutover the permissions."""
    if context.run.kind == "cutover" and not context.run.dry_run:
        check_schedule(context)
    waiting: list[str] = []
    facts: dict[str, Any] = {"machine": _check_machine(context, waiting), "database": _check_database(context, waiting)}
    machines = check_source(context)
    app = context.replication.source_app_instance_id
    if machines is None:
        waiting.append("the results of the source's machines")
    if waiting:
        return Pending(f"replication: {summarize_reasons(waiting)}", machine=context.settings.provider.source_server_name,
                       next_action="wait for the replication, or raise the limit replication_wait, and deploy again")  # fmt: skip
    if context.clock.now() - context.commands.get_sent_at(Command.CHECK, app) > FRESH_SECONDS:
        context.commands.reset(Command.CHECK)
        return Pending("fresh results of the source's machines")
    facts["source"] = machines
    if context.run.kind == "cutover":
        facts["permissions"] = check_permissions(context)
    return Done(facts)


def _check_machine(context: Context, waiting: list[str]) -> dict[str, Any]:
    """Return the facts of the server's replication. Add to `waiting` what it has not reached yet. StepFailed when an operator must act."""
    name = context.settings.provider.source_server_name
    replica = context.state.replica
    if not replica.source_server_id:
        replica.source_server_id = context.tools.provider.find_source_server(name).source_server_id
        context.tools.runs.update_facts(context.run.run_id, source_server_id=replica.source_server_id)
    readiness = read_until_event(
        context,
        replica.source_server_id,
        lambda: context.tools.provider.check_readiness(replica.source_server_id, tested=context.run.kind == "cutover"),
        is_waiting=lambda found: bool(found.waiting) and not found.blocked,
        seconds=EVENT_WAIT_SECONDS,
    )
    if readiness.blocked:
        raise StepFailed(
            summarize_reasons(readiness.blocked),
            machine=name,
            next_action=f"correct it in {context.tools.provider.operator_tool}",
        )
    for warning in readiness.warnings:
        context.warn(f"{name}: {warning}")
    waiting += [f"{name}: {reason}" for reason in readiness.waiting]
    return dict(readiness.facts)


def _check_database(context: Context, waiting: list[str]) -> dict[str, Any]:
    """Return the facts of the database's replication. Add to `waiting` what it has not reached yet. StepFailed when an operator must act."""
    task, tables = context.database.read_task(), context.database.list_tables()
    verdict = evaluate(task, tables)
    _reload_differing(context, verdict)
    if verdict.blocked:
        raise StepFailed(
            summarize_reasons(verdict.blocked),
            machine=task.name,
            next_action="read the replication task's log, then reload or restart the task",
        )
    waiting += verdict.waiting
    lag = context.database.read_lag(task, now=context.clock.now())
    if lag is not None and lag > context.limits.replication_lag:
        waiting.append(f"the target is {lag:.0f} s behind, at most {context.limits.replication_lag} s are accepted")
    if verdict.unvalidated and not waiting:
        context.warn(f"{summarize_reasons(verdict.unvalidated)}; the step verify compares these tables itself")
    # A task without a published lag may go on: the step verify compares every table before the freeze.
    return {
        "task": task.status,
        "lag_seconds": "not published" if lag is None else lag,
        "full_load_percent": task.percent,
        "tables": len(tables),
        "tables_loaded_anew": sorted(list_reloaded(context)),
        "rows": sum(t.full_load_rows for t in tables),
    }


def _reload_differing(context: Context, verdict: Verdict) -> None:
    """Reload tables that differ on the target, once. Until DMS has validated them again, the step waits for them."""
    if not verdict.differing or verdict.blocked:
        return
    if loading := list_reloading(context):
        verdict.waiting.append(f"the reload of {', '.join(loading)}")
    elif reload_tables(context, verdict.differing):
        verdict.waiting.append(f"the reload of {', '.join(verdict.differing)}")
    else:
        verdict.blocked.extend(verdict.differing.values())
