"""Check the machines of the source, by the facts that `cutover-site check` returns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic import site, source, source_files
from procedure.logic.replication import summarize_reasons
from procedure.state.commands import Command


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
    if lost := source_files.find_problems(facts):
        raise StepFailed(
            f"files of the source cannot be carried over: {summarize_reasons(lost)}",
            machine=context.replication.source_app_instance_id,
            next_action="do it on the source's machine, then deploy again",
        )
    if odd := source_files.list_warnings(facts):
        context.warn(f"files of the source, carried over as they are: {summarize_reasons(odd)}")
