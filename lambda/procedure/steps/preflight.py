"""Is everything so that the run can succeed? Looks, waits for what passes with time, and changes nothing but rows of the target that differ.

What the procedure needs after the commit is tried here, because there a missing permission could not be rolled back.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from common.errors import StepFailed
from common.record_sets import is_same_name
from common.site_parameters import SCRATCH

from procedure.context import Context
from procedure.logic import site, source, source_files
from procedure.logic.endpoints import admission_ports, public_names
from procedure.logic.replication import Verdict, judge, summary
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.reload import load_anew, reloaded, still_loading

FRESH_SECONDS = 120
"""how old the machines' answers may be: replication can take long, and they may have changed since they were asked"""


def preflight(context: Context) -> Outcome:
    waiting: list[str] = []
    facts: dict[str, Any] = {"machine": _machine(context, waiting), "database": _database(context, waiting)}
    machines = _source(context)
    app = context.replication.source_app_instance_id
    if machines is None:
        waiting.append("answers of the source's machines")
    if waiting:
        return Pending(f"replication: {summary(waiting)}", machine=context.settings.provider.source_server_name,
                       next_action="wait for the replication, or raise the limit replication_wait, and deploy again")  # fmt: skip
    if context.clock.now() - context.commands.sent_at(Command.CHECK, app) > FRESH_SECONDS:
        context.commands.reset(Command.CHECK)
        return Pending("fresh answers of the source's machines")
    facts["source"] = machines
    if context.run.kind == "cutover":
        facts["permissions"] = _permissions(context)
    return Done(facts)


def _machine(context: Context, waiting: list[str]) -> dict[str, Any]:
    name = context.settings.provider.source_server_name
    replica = context.state.replica
    if not replica.source_server_id:
        replica.source_server_id = context.tools.provider.find_source_server(name).source_server_id
        context.tools.runs.update_facts(context.run.run_id, machine_id=replica.source_server_id)
    readiness = context.tools.provider.readiness(replica.source_server_id, tested=context.run.kind == "cutover")
    if readiness.blocked:
        raise StepFailed(
            summary(readiness.blocked),
            machine=name,
            next_action=f"correct it in {context.tools.provider.operator_tool}",
        )
    waiting += [f"{name}: {reason}" for reason in readiness.waiting]
    return dict(readiness.facts)


def _database(context: Context, waiting: list[str]) -> dict[str, Any]:
    task, tables = context.database.task(), context.database.tables()
    verdict = judge(task, tables)
    _mend(context, verdict)
    if verdict.blocked:
        raise StepFailed(
            summary(verdict.blocked),
            machine=task.name,
            next_action="read the replication task's log, then reload or restart the task",
        )
    waiting += verdict.waiting
    lag = context.database.lag(task, now=context.clock.now())
    if lag is not None and lag > context.limits.replication_lag:
        waiting.append(f"the target is {lag:.0f} s behind, at most {context.limits.replication_lag} s are accepted")
    if verdict.unvalidated and not waiting:
        context.warn(f"{summary(verdict.unvalidated)}; the step verify compares these tables itself")
    # A task that has published nothing yet is not held back: `verify` compares every table before the source is frozen.
    return {
        "task": task.status,
        "lag_seconds": "not published" if lag is None else lag,
        "full_load_percent": task.percent,
        "tables": len(tables),
        "tables_loaded_anew": sorted(reloaded(context)),
        "rows": sum(t.full_load_rows for t in tables),
    }


def _mend(context: Context, verdict: Verdict) -> None:
    """Rows that differ on the target are loaded anew, once. Until the service has looked again, they count as waiting."""
    if not verdict.differing or verdict.blocked:
        return
    if loading := still_loading(context):
        verdict.waiting.append(f"a new load of {', '.join(loading)}")
    elif load_anew(context, verdict.differing):
        verdict.waiting.append(f"a new load of {', '.join(verdict.differing)}")
    else:
        verdict.blocked.extend(verdict.differing.values())


def _source(context: Context) -> dict[str, Any] | None:
    """Both machines at once; None while one of them works."""
    machines = {
        "app": context.replication.source_app_instance_id,
        "database": context.replication.source_database_instance_id,
    }
    answers = {role: context.commands.poll(Command.CHECK, instance) for role, instance in machines.items()}
    if any(answer is None for answer in answers.values()):
        return None
    for role, judge_machine in (
        ("app", partial(source.application, profile=context.settings.profile)),
        ("database", source.database),
    ):
        facts = answers[role] or {}
        if wrong := judge_machine(facts) + (source.unknown_facts(facts) if role == "database" else []):
            raise StepFailed(
                summary(wrong),
                machine=machines[role],
                next_action="correct it on the source's machine, then deploy again",
            )
    _check_files(context, answers["app"] or {})
    checks = context.settings.profile.checks
    for warning in [*site.warnings(answers["app"] or {}, checks), *source.database_warnings(answers["database"] or {})]:
        context.warn(warning)
    return answers


def _check_files(context: Context, facts: dict[str, Any]) -> None:
    """StepFailed names files that would be lost; what is only odd is a warning."""
    if lost := source_files.reject(facts):
        raise StepFailed(
            f"files of the source cannot be carried over: {summary(lost)}",
            machine=context.replication.source_app_instance_id,
            next_action="do it on the source's machine, then deploy again",
        )
    if told := source_files.warn(facts):
        context.warn(f"files of the source, carried over as they are: {summary(told)}")


def _permissions(context: Context) -> dict[str, Any]:
    """Each by doing what has no effect: a rule that lets nobody in, records written as they are and moved under a name that nobody uses,
    a value set to what it is."""
    target = context.target
    for key in ("admission_security_group_id", "load_balancer_dns", "auto_scaling_group"):
        if not getattr(target, key):
            raise StepFailed(f"the target's {key} is not known", next_action="deploy MigrationStack again")
    if context.tools.parameters.mode() != SCRATCH:
        raise StepFailed(
            "the target is in mode live before the commit",
            next_action="set the parameter mode to scratch when no run is active",
        )
    tried: dict[str, Any] = {"mode": "set to what it is", "admission": "a rule for TEST-NET-1 came and went"}
    context.tools.parameters.set_mode(SCRATCH)
    admission = context.tools.admission(target.admission_security_group_id)
    for port in admission_ports(target):
        admission.probe(port)
    if target.hosted_zone_id:
        tried |= _public_names(context)
    return tried


def _public_names(context: Context) -> dict[str, Any]:
    """What the zone holds now goes into the evidence: that is what a roll back by hand after the commit puts back."""
    target = context.target
    for port in target.tcp:
        if is_same_name(target.site_dns_name, port.dns_name):
            what = context.settings.profile.port(port.name).description
            raise StepFailed(
                f"the site and {what} have the same name, {target.site_dns_name}; a load balancer for HTTP carries no {port.name.upper()}",
                next_action=f"set site.{port.name}_dns_name in migration.toml to a name of its own, and deploy again",
            )
    name, moves = context.tools.public_name(target.hosted_zone_id), public_names(target)
    for warning in name.check_zone([host for host, _, _ in moves]):
        context.warn(warning)
    return {
        "public_names": {
            host: {
                "record_sets": name.record(host),
                "tried": name.probe(host, load_balancer_dns=dns, load_balancer_zone_id=zone),
            }
            for host, dns, zone in moves
        }
    }
