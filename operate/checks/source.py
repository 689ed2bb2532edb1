"""The machines of the source, by the same verb and the same rules as the preflight of a run. It changes nothing on them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from common.clients.machines import Machines
from common.clock import Clock
from common.errors import StepFailed
from procedure.logic import source, source_files

from operate.checks.clients import CheckClients
from operate.checks.finding import Finding, found_ok, found_problem, try_check

if TYPE_CHECKING:
    from settings import Settings

AREA = "source"
VERB = "check"
LIMIT_SECONDS = 120
POLL_SECONDS = 2.0
CORRECT = "correct it on the source's machine"


def check_source(site: CheckClients, settings: Settings, clock: Clock) -> list[Finding]:
    """Return what would stop a run on each machine. StepFailed before ReplicationStack exists."""
    replication = site.replication
    nodes = {"app": replication.source_app_instance_id, "database": replication.source_database_instance_id}
    found = []
    for role, node in nodes.items():
        found += try_check(
            AREA, partial(_check_machine, site, settings, clock, role, node), what=f"source-{role} {node}"
        )
    return found


def _check_machine(site: CheckClients, settings: Settings, clock: Clock, role: str, node: str) -> list[Finding]:
    machines = Machines(site.get_client("ssm"))
    if problem := machines.find_node_problem(node):
        return [found_problem(AREA, problem.reason, problem.next_action)]
    facts = _run_check(machines, clock, node)
    problems = source.find_identity_problems(facts, node_id=node, role=f"source-{role}", site=settings.site.name)
    ports = {port.name: settings.site.get_port_number(port) for port in settings.profile.tcp}
    if not problems and role == "app":
        problems = source.find_application_problems(facts, settings.profile, ports) + source_files.find_problems(facts)
    elif not problems:
        problems = source.find_database_problems(facts) + source.list_unknown_facts(facts)
    return [found_problem(AREA, f"{node}: {problem}", CORRECT) for problem in problems] or [
        found_ok(AREA, f"source-{role} {node} can be migrated")
    ]


def _run_check(machines: Machines, clock: Clock, node: str) -> Mapping[str, Any]:
    """Return the facts of a machine. StepFailed when it refuses, or does not respond in time."""
    command, deadline = (
        machines.send(node, VERB, {}, seconds=LIMIT_SECONDS, comment="cutover check"),
        clock.now() + LIMIT_SECONDS,
    )
    while clock.now() < deadline:
        result = machines.poll(command, node, VERB)
        if result is not None and result.ok:
            return result.facts
        if result is not None:
            raise StepFailed(
                str(result.facts.get("reason") or "it refused"),
                machine=node,
                next_action=str(result.facts.get("next") or ""),
            )
        clock.sleep(POLL_SECONDS)
    raise StepFailed(
        f"no result after {LIMIT_SECONDS} s", machine=node, next_action="look at the machine and its SSM agent"
    )
