"""Plan a run before it begins: each step with its machine, what it changes, and the time that it is expected to take. Reads; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from common.clients.run_record import Record
from common.clock import format_iso
from common.errors import CutoverError
from common.run import Kind
from common.site_parameters import Replication
from procedure.step import Step

from operate.billed import Billed
from operate.evidence import EvidenceReader, StepRecord
from operate.progress import IN_WINDOW, list_steps
from operate.status import Plan
from operate.step_texts import REPLICATION, SOURCE, SOURCE_APP, SOURCE_DATABASE, TEXTS

LIMIT = "limit"
"""source of an expected time that nobody has measured: the time after which the run gives up"""
RECENT_RUNS = 5
KINDS: tuple[Kind, Kind] = ("cutover", "test-launch")


class PlanClients(Protocol):
    """The part of operate.site.Site that a plan needs."""

    @property
    def name(self) -> str: ...

    @property
    def evidence(self) -> EvidenceReader: ...

    @property
    def replication(self) -> Replication: ...

    def read_record(self) -> Record: ...


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step of the plan."""

    step: str
    phase: str
    where: str
    machine: str
    """id of the machine where it is known before the run"""
    does: str
    changes: str
    """empty: the step only reads"""
    seconds: float
    source: str
    """the run that took these seconds; LIMIT when no run has done the step"""
    in_window: bool


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """The plan of one run."""

    site: str
    kind: Kind
    steps: list[PlannedStep]
    billed: list[Billed]
    gate: list[str]
    """what must be true before the window, in sentences"""
    price_notes: list[str] = field(default_factory=list)
    """why prices are not known"""
    notes: list[str] = field(default_factory=list)
    """what could not be read, and what stands against a run"""

    @property
    def window_seconds(self) -> float | None:
        """Return the predicted seconds from the freeze to the commit; None while a step of the window was never measured."""
        window = [step for step in self.steps if step.in_window]
        known = bool(window) and all(step.source != LIMIT for step in window)
        return round(sum(step.seconds for step in window), 1) if known else None

    @property
    def unmeasured(self) -> int:
        """Return the number of steps that no run has done."""
        return sum(step.source == LIMIT for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """Return the plan for programs."""
        return {
            "site": self.site,
            "kind": self.kind,
            "steps": [asdict(step) for step in self.steps],
            "window_seconds": self.window_seconds,
            "gate": self.gate,
            "billed": [one.to_json() for one in self.billed],
            "price_notes": self.price_notes,
            "notes": self.notes,
        }


def build_plan(
    site: PlanClients,
    plan: Plan,
    kind: Kind,
    *,
    billed: Sequence[Billed],
    gate: Sequence[str],
    price_notes: Sequence[str] = (),
) -> RunPlan:
    """Return the plan of a run of this kind. What cannot be read becomes a note, and the limits are used."""
    notes: list[str] = []
    measured: dict[str, tuple[str, StepRecord]] = {}
    machines: dict[str, str] = {}
    try:
        record = site.read_record()
        notes += [*_list_obstacles(record), *_describe_suspended(record, kind)]
    except CutoverError as error:
        notes.append(f"the run record is not known: {error.reason}")
    try:
        replication = site.replication
        machines = {
            SOURCE_APP: replication.source_app_instance_id,
            SOURCE_DATABASE: replication.source_database_instance_id,
            SOURCE: f"{replication.source_app_instance_id}, {replication.source_database_instance_id}",
            REPLICATION: replication.replication_task_arn.rpartition(":")[2],
        }
        measured = _read_measured(site.evidence, kind)
    except CutoverError as error:
        notes.append(f"no times of earlier runs: {error.reason}")
    steps = list_steps(kind, has_gate=plan.has_gate, names_elsewhere=plan.names_elsewhere)
    return RunPlan(
        site=site.name,
        kind=kind,
        steps=[_plan_step(step, measured, machines, int(getattr(plan.limits, step.limit))) for step in steps],
        billed=list(billed),
        gate=list(gate),
        price_notes=list(price_notes),
        notes=notes,
    )


def _plan_step(
    step: Step, measured: Mapping[str, tuple[str, StepRecord]], machines: Mapping[str, str], limit: int
) -> PlannedStep:
    text, (run, record) = TEXTS[step.name], measured.get(step.name, (LIMIT, None))
    return PlannedStep(
        step=step.name,
        phase=step.phase,
        where=text.where,
        machine=machines.get(text.where, ""),
        does=text.does,
        changes=text.changes,
        seconds=limit if record is None else round(record.seconds, 2),
        source=run,
        in_window=step.name in IN_WINDOW,
    )


def _read_measured(evidence: EvidenceReader, kind: Kind) -> dict[str, tuple[str, StepRecord]]:
    """Return the latest measurement of each step with its run: of runs of this kind, else of the other kind. Runs that failed count too."""
    found: dict[str, tuple[str, StepRecord]] = {}
    for each in (kind, *(other for other in KINDS if other != kind)):
        for run in evidence.list_recent_runs(each, most=RECENT_RUNS):
            for name, record in evidence.read_steps(run).items():
                if record.is_measured:
                    found.setdefault(name, (run, record))
    return found


def _describe_suspended(record: Record, kind: Kind) -> list[str]:
    """Return what a run takes over, or removes."""
    if (suspension := record.suspension) is None:
        return []
    replica = (
        f"the {suspension.checkpoint.describe()} that run {suspension.run_id} keeps until {suspension.describe_end()}"
    )
    if kind == "cutover":
        return [f"the next run takes {replica} over, if it can: cutover resume --show"]
    return [f"a test launch removes {replica}"]


def _list_obstacles(record: Record) -> list[str]:
    """Return why a run could not begin now."""
    if record.committed:
        return [
            f"the site was moved by run {record.run_id} at {format_iso(record.decided_at)}: nothing is left to migrate"
        ]
    if record.lock_expires:
        return [f"run {record.run_id} ({record.kind}) holds the site: no other can begin before its end"]
    return []
