"""Find one run in the evidence of a site, and its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.errors import StepFailed

from operate.report.source import Document, RunSource

AROUND_SECONDS = 120.0
"""before and after a run: what is shown beside it, such as the lag"""
DRY = "-dry-"
"""part of the id of each dry run"""


@dataclass(frozen=True)
class Step:
    """One step of a run. Times are seconds since 1970. `by`: the function and its request."""

    name: str
    phase: str
    outcome: str
    began: float
    ended: float
    by: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Return the wall time."""
        return self.ended - self.began

    @property
    def is_done(self) -> bool:
        """Return whether the step did its work."""
        return self.outcome == "done"


@dataclass(frozen=True)
class Run:
    """The steps of one run in the order of their begin, and its other objects: outputs, digests of tables."""

    run_id: str
    kind: str
    steps: Sequence[Step]
    others: Sequence[Document] = ()

    def find(self, name: str) -> Step | None:
        """Return the step of this name, whatever its outcome. None: the run has no record of it."""
        return next((one for one in self.steps if one.name == name), None)

    def find_done(self, name: str) -> Step | None:
        """Return the step of this name if it did its work."""
        step = self.find(name)
        return step if step and step.is_done else None

    @property
    def outputs(self) -> Document:
        """Return the outputs of a run that finished; empty before."""
        return next((one for one in self.others if "finished" in one), {})

    @property
    def failures(self) -> list[Step]:
        """Return the failed steps in the order of their end."""
        return sorted((one for one in self.steps if one.outcome == "failed"), key=lambda one: one.ended)

    @property
    def around(self) -> tuple[float, float]:
        """Return the time of the run with AROUND_SECONDS on both sides."""
        return self.steps[0].began - AROUND_SECONDS, max(one.ended for one in self.steps) + AROUND_SECONDS

    @property
    def cutover_id(self) -> str:
        """Return the id by which migration.toml names the migration."""
        return self.run_id.rsplit("-", 2)[0]


def select_run(source: RunSource) -> Run:
    """Return the requested run, or else the last one. StepFailed when there is no record of one step of it."""
    runs = list_runs(source.documents)
    if source.run_id:
        if source.run_id not in runs:
            known = ", ".join(runs) or "none"
            raise StepFailed(
                f"there is no step record of run {source.run_id} in {source.place} (runs with records: {known})",
                next_action="name one of these runs with --run, or other evidence with --evidence",
            )
        return runs[source.run_id]
    real = {name: run for name, run in runs.items() if DRY not in name}
    if source.record is not None and source.record.run_id in real:
        return real[source.record.run_id]
    if not real:
        raise StepFailed(
            f"there is no step record of any run in {source.place}",
            next_action="a run writes the first when it begins: start one, or name other evidence with --evidence",
        )
    return max(real.values(), key=lambda run: run.steps[0].began)


def find_test_launch(source: RunSource, run: Run) -> Run | None:
    """Return the test launch that prepared a cutover. None: no record of it is left."""
    found = [
        one
        for one in list_runs(source.documents).values()
        if one.kind == "test-launch" and one.cutover_id == run.cutover_id and one.steps[0].began <= run.steps[0].began
    ]
    return max(found, key=lambda one: one.steps[0].began, default=None) if run.kind == "cutover" else None


def find_earlier_seconds(source: RunSource, run: Run) -> dict[str, float]:
    """Return the seconds of each step that was done in the run of this kind before. Empty: there was none, or it has no record any more."""
    earlier = [
        one
        for one in list_runs(source.documents).values()
        if one.kind == run.kind and DRY not in one.run_id and one.steps[0].began < run.steps[0].began
    ]
    last = max(earlier, key=lambda one: one.steps[0].began, default=None)
    return {step.name: step.seconds for step in last.steps if step.is_done} if last else {}


def list_runs(documents: Iterable[Document]) -> dict[str, Run]:
    """Return the runs that have at least one step record, by id."""
    steps: dict[str, list[Step]] = {}
    others: dict[str, list[Document]] = {}
    for document in documents:
        run_id = find_run_id(document)
        if (step := parse_step(document)) is not None:
            steps.setdefault(run_id, []).append(step)
        else:
            others.setdefault(run_id, []).append(document)
    return {
        run_id: Run(
            run_id,
            "test-launch" if "-t-" in run_id else "cutover",
            sorted(found, key=lambda one: (one.began, one.ended)),
            others.get(run_id, []),
        )
        for run_id, found in sorted(steps.items())
    }


def find_run_id(document: Document) -> str:
    """Return the run of an object, by its content or else by its key `runs/<run_id>/…`."""
    if document.get("run_id"):
        return str(document["run_id"])
    parts = str(document.get("key", "")).split("/")
    return parts[-2] if len(parts) > 1 else ""


def parse_step(document: Document) -> Step | None:
    """Return the step of a record. None for another object, also for one that is damaged."""
    try:
        return Step(
            name=str(document["step"]),
            phase=str(document["phase"]),
            outcome=str(document["outcome"]),
            began=parse_time(document["began"]),
            ended=parse_time(document["ended"]),
            by=str(document.get("by") or ""),
            facts=document.get("facts") or {},
        )
    except (KeyError, ValueError, TypeError):
        return None


def parse_time(text: Any) -> float:
    """Return seconds since 1970 of a moment in ISO 8601. Raises ValueError."""
    return datetime.fromisoformat(str(text)).timestamp()
