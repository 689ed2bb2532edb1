"""Check that the run can succeed, and wait for the replications. Changes nothing but rows of the target that differ.

Permissions that the procedure needs after the commit are tried here: after the commit, a missing permission could not be rolled back.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from common.errors import StepFailed
from common.record_sets import is_same_name
from common.site_parameters import SCRATCH

from procedure.context import Context
from procedure.logic import site, source, source_files
from procedure.logic.endpoints import list_public_names, list_public_ports
from procedure.logic.replication import Verdict, evaluate, summarize_reasons
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.gate import check_schedule
from procedure.steps.provider_wait import read_until_event
from procedure.steps.reload import list_reloaded, list_reloading, reload_tables

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
        facts["permissions"] = _check_permissions(context)
    return Done(facts)


def _check_machine(context: Context, waiting: list[str]) -> dict[str, Any]:
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


def check_source(context: Context) -> dict[str, Any] | None:
    """Check both machines of the source at once. None while one of them works."""
    machines = {
        "app": context.replication.source_app_instance_id,
        "database": context.replication.source_database_instance_id,
    }
    _check_nodes(context, machines.values())
    results = {role: context.commands.poll(Command.CHECK, instance) for role, instance in machines.items()}
    if any(result is None for result in results.values()):
        return None
    ports, path = {port.name: port.number for port in context.target.tcp}, urlsplit(context.target.site_url).path
    for role, evaluate_machine in (
        ("app", partial(source.find_application_problems, profile=context.settings.profile, ports=ports, path=path)),
        ("database", source.find_database_problems),
    ):
        facts = results[role] or {}
        identity = source.find_identity_problems(
            facts, node_id=machines[role], role=f"source-{role}", site=context.settings.site
        )
        unknown = source.list_unknown_facts(facts) if role == "database" else []
        if problems := identity or evaluate_machine(facts) + unknown:
            raise StepFailed(
                summarize_reasons(problems),
                machine=machines[role],
                next_action="correct it on the source's machine, then deploy again",
            )
    _check_files(context, results["app"] or {})
    checks = context.settings.profile.checks
    for warning in [
        *site.list_warnings(results["app"] or {}, checks),
        *source.list_database_warnings(results["database"] or {}),
    ]:
        context.warn(warning)
    return results


def _check_nodes(context: Context, nodes: Iterable[str]) -> None:
    """Look up hybrid nodes before the first command, which Systems Manager would keep for a node that is not connected. StepFailed."""
    for node_id in dict.fromkeys(nodes):
        if context.commands.has_sent(Command.CHECK, node_id):
            continue
        if problem := context.tools.machines.find_node_problem(node_id):
            raise StepFailed(problem.reason, machine=node_id, next_action=problem.next_action)


def _check_files(context: Context, facts: dict[str, Any]) -> None:
    """Check the source's files. StepFailed names files that would be lost; other unusual files become a warning."""
    if lost := source_files.reject(facts):
        raise StepFailed(
            f"files of the source cannot be carried over: {summarize_reasons(lost)}",
            machine=context.replication.source_app_instance_id,
            next_action="do it on the source's machine, then deploy again",
        )
    if odd := source_files.warn(facts):
        context.warn(f"files of the source, carried over as they are: {summarize_reasons(odd)}")


def _check_permissions(context: Context) -> dict[str, Any]:
    """Try each permission by a change without effect.

    These are an ingress rule for an address that nobody has, DNS records written as they are, copies of them moved below an unused name, and
    a parameter set to its own value.
    """
    target = context.target
    for key in ("admission_security_group_id", "load_balancer_dns", "auto_scaling_group"):
        if not getattr(target, key):
            raise StepFailed(f"the target's {key} is not known", next_action="deploy MigrationStack again")
    if context.tools.parameters.read_mode() != SCRATCH:
        raise StepFailed(
            "the target is in mode live before the commit",
            next_action="set the parameter mode to scratch when no run is active",
        )
    tried: dict[str, Any] = {"mode": "set to what it is", "admission": "a rule for TEST-NET-1 came and went"}
    context.tools.parameters.set_mode(SCRATCH)
    ingress = context.tools.create_ingress(target.admission_security_group_id)
    for port in list_public_ports(target):
        ingress.probe(port)
    return tried | (_check_public_names(context) if target.hosted_zone_id else _resolve_public_names(context))


def _resolve_public_names(context: Context) -> dict[str, Any]:
    """Return where the public names lead now, for a zone that is not in Route 53. Warn of a name that leads nowhere."""
    found = {name: sorted(context.tools.resolve(name)) for name, _, _ in list_public_names(context.target)}
    for name, addresses in found.items():
        if not addresses:
            context.warn(
                f"{name} has no address: check the name in migration.toml, and create it at its zone before the cutover"
            )
    return {"public_names": found}


def _check_public_names(context: Context) -> dict[str, Any]:
    """Check the public names. Return the record sets as they are now: a manual way back after the commit restores these."""
    target = context.target
    for port in target.tcp:
        if is_same_name(target.site_dns_name, port.dns_name):
            what = context.settings.profile.get_port(port.name).description
            raise StepFailed(
                f"the site and {what} have the same name, {target.site_dns_name}; a load balancer for HTTP carries no {port.name.upper()}",
                next_action=f"set site.{port.name}_dns_name in migration.toml to a name of its own, and deploy again",
            )
    name, moves = context.tools.create_public_name(target.hosted_zone_id), list_public_names(target)
    for warning in name.check_zone([host for host, _, _ in moves]):
        context.warn(warning)
    return {
        "public_names": {
            host: {
                "record_sets": name.list_record_sets(host),
                "tried": name.probe(host, load_balancer_dns=dns, load_balancer_zone_id=zone),
            }
            for host, dns, zone in moves
        }
    }
