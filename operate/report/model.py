"""The content of a report, without its form: what the page shows and what the JSON beside it has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from operate.report.bucket import Bucket
from operate.report.client import Operation, Summary, find_write_gap, summarize, summarize_kinds
from operate.report.runs import Run, find_test_launch, select_run
from operate.report.sections.acceptance import Hook, Suite, list_hooks, list_suites
from operate.report.sections.commands import Command, list_commands
from operate.report.sections.compared import Compared, build_compared
from operate.report.sections.decisions import Decision, list_decisions
from operate.report.sections.phases import Phases, build_phases
from operate.report.sections.requests import Requests, build_requests
from operate.report.sections.resources import Resources, build_resources
from operate.report.sections.verdict import Verdict, build_verdict
from operate.report.sections.warnings import RunWarning, list_warnings
from operate.report.sections.window import Window, find_window
from operate.report.source import Check, Lag, RunSource


@dataclass(frozen=True)
class Client:
    """What the client measured. `kinds`: by kind of operation, then all. `noted`: operations that failed or were held."""

    operations: Sequence[Operation]
    kinds: Sequence[Summary]
    noted: Sequence[Operation]
    write_gap: tuple[float, float] | None


@dataclass(frozen=True)
class Report:
    """The report of one run. `client` is None when nobody measured; `requests`, `balancer` and `lag` when nothing is recorded. `waiting_for`: what a person must do now."""

    site: str
    region: str
    place: str
    run_id: str
    kind: str
    began: float
    ended: float
    written: float
    verdict: Verdict
    window: Window | None
    client: Client | None
    requests: Requests | None
    balancer: Sequence[Bucket] | None
    lag: Sequence[Lag] | None
    phases: Phases
    compared: Compared
    checks: Sequence[Check]
    decisions: Sequence[Decision]
    warnings: Sequence[RunWarning]
    suites: Sequence[Suite]
    hooks: Sequence[Hook]
    resources: Resources
    commands: Sequence[Command]
    missing: Sequence[str]
    waiting_for: str

    def format_json(self) -> str:
        """Return the content as JSON. The operations are left out: they are in the client's own file."""
        client = replace(self.client, operations=()) if self.client else None
        return json.dumps(asdict(replace(self, client=client)), indent=1, ensure_ascii=False, default=str) + "\n"


def build_report(source: RunSource) -> Report:
    """Return the report of the chosen run. StepFailed when the evidence has no such run."""
    run = select_run(source)
    test_launch = find_test_launch(source, run)
    record = source.record if source.record and source.record.run_id == run.run_id else None
    compared, warnings = build_compared(run, source.independent), list_warnings(run)
    verdict = build_verdict(source, run, compared, len(warnings))
    return Report(
        site=source.site,
        region=source.region,
        place=source.place,
        run_id=run.run_id,
        kind=run.kind,
        began=run.steps[0].began,
        ended=max(one.ended for one in run.steps),
        written=source.now,
        verdict=verdict,
        window=find_window(run),
        client=None if source.operations is None else _build_client(source.operations),
        requests=build_requests(run),
        balancer=source.balancer,
        lag=_limit_lag(source.lag, run),
        phases=build_phases(source, run),
        compared=compared,
        checks=source.independent.checks,
        decisions=list_decisions(run, record),
        warnings=warnings,
        suites=list_suites((test_launch, run)),
        hooks=list_hooks(run, record),
        resources=build_resources(run, test_launch, source.resources, verdict.state, source.prices),
        commands=list_commands(source, run),
        missing=source.missing,
        waiting_for=record.waiting_for if record else "",
    )


def _build_client(operations: Sequence[Operation]) -> Client:
    noted = [one for one in operations if one.held or one.outcome != "done"]
    return Client(operations, [*summarize_kinds(operations), summarize("all", operations)], noted, find_write_gap(operations))  # fmt: skip


def _limit_lag(lag: Sequence[Lag] | None, run: Run) -> Sequence[Lag] | None:
    """Return the lag during the run, and None when there is none: nothing was recorded."""
    begin, end = run.around
    return [one for one in lag or [] if begin <= one.time <= end] or None
