"""Start a dry run and follow it to its end: it reads the real services, and only logs what it would change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from common.clients.executions import Execution
from common.clients.run_record import Record
from common.clock import Clock, format_iso
from common.errors import Retryable, StepFailed
from common.follow_up import StepFunctionsClient
from common.run import Kind

from operate.rollback import LONGEST_SECONDS, POLL_SECONDS, DeduplicatingPrinter


class DryRunClients(Protocol):
    """The part of operate.site.Site that a dry run needs."""

    def read_record(self) -> Record: ...

    def read_dry_run_record(self) -> Record: ...

    def find_execution(self, run_id: str) -> tuple[StepFunctionsClient, Execution] | None: ...

    def find_state_machine(self, kind: Kind) -> StepFunctionsClient: ...


def run_dry_run(
    site: DryRunClients,
    clock: Clock,
    print_line: Callable[[str], None],
    *,
    cutover_id: str,
    kind: Kind | None = None,
    seconds: float = LONGEST_SECONDS,
) -> None:
    """Start a dry run and return when its last step is done. StepFailed when a step fails, or after `seconds`.

    `kind`: the kind of the site's last run by default, a test launch where there was none. A dry run does not use the site's lock, so a real
    run may hold the site meanwhile.
    """
    report = DeduplicatingPrinter(print_line)
    record = site.read_record()
    if record.committed:
        raise StepFailed(
            f"the site was moved by run {record.run_id} at {format_iso(record.decided_at)}",
            next_action="nothing is left that a run could do",
        )
    kind = kind or ("cutover" if record.kind == "cutover" else "test-launch")
    target = _find_target(site, record) if kind == "cutover" else {}
    executions, name = site.find_state_machine(kind), f"{cutover_id}-dry-{clock.now():.0f}"
    run = {"run_id": name, "kind": kind, "cutover_id": cutover_id, "dry_run": True, "target": target}
    executions.start(name, {"run": run, "memory": {}})
    report(f"dry run {name} ({kind}) has begun; it changes nothing")
    _follow(site, executions, name, clock, report, seconds=seconds)


def _find_target(site: DryRunClients, record: Record) -> dict[str, Any]:
    """Return the facts about the target from the input of the site's last cutover. Before the commit the load balancers' names are only there."""
    found = site.find_execution(record.run_id) if record.kind == "cutover" else None
    target = (found[1].given.get("run") or {}).get("target") if found else None
    if not target:
        raise StepFailed(
            "no cutover of this site has begun, so the load balancers of its target are not known",
            next_action="try `cutover dry-run --kind test-launch`; for a cutover the target site must exist (cdk deploy --no-rollback keeps it)",
        )
    return dict(target)


def _follow(
    site: DryRunClients,
    executions: StepFunctionsClient,
    name: str,
    clock: Clock,
    report: DeduplicatingPrinter,
    *,
    seconds: float,
) -> None:
    deadline, phase = clock.now() + seconds, ""
    while clock.now() < deadline:
        try:
            execution = executions.describe(name)
            record = site.read_dry_run_record()
            if record.run_id == name and record.phase != phase:
                phase = record.phase
                report(phase, at=clock.now())
            if execution is not None and not execution.running:
                _conclude(execution, name, report)
                return
        except Retryable as error:
            report(f"will look again: {error.reason}", at=clock.now())
        clock.sleep(POLL_SECONDS)
    raise StepFailed(
        f"dry run {name} has not ended after {seconds:.0f} s, in step {phase or 'lock'}",
        next_action="it goes on by itself: look at its execution in Step Functions",
    )


def _conclude(execution: Execution, name: str, report: DeduplicatingPrinter) -> None:
    report(
        f"each change that it would make: `would …` in the procedure function's log, run_id {name}; evidence: runs/{name}/"
    )
    if execution.status != "SUCCEEDED":
        facts = _read_cause(execution)
        raise StepFailed(
            facts.get("reason") or f"the execution of dry run {name} ended as {execution.status}",
            machine=facts.get("machine", ""),
            phase=facts.get("phase", ""),
            next_action=facts.get("next") or "look at it in Step Functions",
        )
    for warning in execution.output.get("memory", {}).get("warnings", []):
        report(f"warning: {warning}")
    report("every step was gone through, by what can be looked at; launch, comparison and acceptance were not tried")


def _read_cause(execution: Execution) -> dict[str, str]:
    try:
        return dict(json.loads(execution.cause))
    except (ValueError, TypeError):
        return {}
