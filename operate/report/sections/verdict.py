"""The first section: how the run ended, in one sentence with its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from common.errors import format_sentence

from operate.report.client import Operation, Summary, summarize
from operate.report.formatting import NOT_KNOWN, format_plural, format_seconds
from operate.report.runs import Run
from operate.report.sections.compared import Compared
from operate.report.sections.figures import Figure, list_figures
from operate.report.sections.requests import Requests, build_requests
from operate.report.sections.window import Window, find_window
from operate.report.source import RunSource


class State(StrEnum):
    """How a run ended. The value is the title of the page."""

    MIGRATED = "Migrated"
    FINDINGS = "Migrated, with findings"
    TEST_PASSED = "Test launch passed"
    ROLLED_BACK = "Rolled back"
    STOPPED = "Stopped before the window"
    ROLLING_BACK = "Rolling back"
    RUNNING = "Running"
    NOT_ENDED = "Not ended"


TONES: Mapping[State, str] = {
    State.MIGRATED: "good",
    State.TEST_PASSED: "good",
    State.FINDINGS: "warning",
    State.RUNNING: "neutral",
    State.NOT_ENDED: "warning",
    State.ROLLING_BACK: "bad",
    State.ROLLED_BACK: "bad",
    State.STOPPED: "bad",
}
"""the colour of a verdict; its words say the same"""


@dataclass(frozen=True)
class Failure:
    """Why a run failed. `sentence` is the error of the deploy; `logs` the object with the logs of the machine."""

    phase: str
    machine: str
    reason: str
    next_action: str
    logs: str
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """The verdict. `failed_checks`: findings of comparisons that the product did not make."""

    state: State
    tone: str
    sentence: str
    figures: Sequence[Figure]
    failure: Failure | None
    failed_checks: Sequence[str]


def build_verdict(source: RunSource, run: Run, compared: Compared, warnings: int) -> Verdict:
    """Return the verdict. Each number that is not known is named as not known."""
    window, failure = find_window(run), find_failure(run)
    failed = [f"{one.name}: {one.text}" for one in source.independent.checks if not one.passed]
    state = find_state(source, run, failed_checks=bool(failed))
    requests = build_requests(run)
    client = None if source.operations is None else summarize_client(source.operations)
    return Verdict(
        state=state,
        tone=TONES[state],
        sentence=" ".join(_describe(source, run, state, window, client, requests, compared, len(failed))),
        figures=list(list_figures(source, window, client, requests, compared, warnings)),
        failure=failure,
        failed_checks=failed,
    )


def find_state(source: RunSource, run: Run, *, failed_checks: bool = False) -> State:
    """Return how the run ended, from its records, and from the run record where this is the run of it."""
    record = source.record if source.record and source.record.run_id == run.run_id else None
    if has_committed(run) or (record and record.committed):
        return State.FINDINGS if failed_checks else State.MIGRATED
    if run.kind == "test-launch" and run.find_done("finish"):
        return State.TEST_PASSED
    if run.failures or run.find("decide-rollback"):
        if not (run.find_done("release") or run.find_done("conclude")):
            return State.ROLLING_BACK
        return State.ROLLED_BACK if find_window(run) else State.STOPPED
    if record is None:
        return State.NOT_ENDED
    return State.RUNNING if record.lock_expires > source.now else State.NOT_ENDED


def has_committed(run: Run) -> bool:
    """Return whether a record of the run shows its commit. `decide-rollback` shows it too: it cannot decide against a commit."""
    decided = run.find_done("decide-rollback")
    return run.find_done("commit") is not None or (decided is not None and decided.facts.get("decision") == "commit")


def find_failure(run: Run) -> Failure | None:
    """Return the first failure of a run. None for a run that did not fail, and for one that only failed after its commit."""
    if has_committed(run):
        return None
    concluded = run.find_done("conclude")
    decided = run.find_done("decide-rollback")
    facts: Mapping[str, Any] = (concluded.facts if concluded else {}) or (decided.facts.get("failure") if decided else {}) or {}  # fmt: skip
    if not facts and run.failures:
        facts = {"phase": run.failures[0].phase, **run.failures[0].facts}
    if not facts:
        return None
    text = {key: str(facts.get(key) or "") for key in ("phase", "machine", "reason", "next", "logs")}
    return Failure(
        text["phase"], text["machine"], text["reason"], text["next"], text["logs"], format_sentence(dict(text))
    )


def summarize_client(operations: Sequence[Operation]) -> Summary:
    """Return the numbers of all operations. `longest` is of the writes that were done."""
    every = summarize("all", operations)
    writes = summarize("writes", (one for one in operations if one.writes))
    return Summary(every.name, every.operations, every.failed, every.site_errors, every.held, every.median, writes.longest)  # fmt: skip


def _describe(
    source: RunSource,
    run: Run,
    state: State,
    window: Window | None,
    client: Summary | None,
    requests: Requests | None,
    compared: Compared,
    failed_checks: int,
) -> Iterator[str]:
    """Yield the sentences of the verdict."""
    length = format_seconds(window.seconds) if window and window.seconds is not None else NOT_KNOWN
    match state:
        case State.MIGRATED | State.FINDINGS:
            yield f"The site {source.site} has moved. The window, from the freeze to the commit, was {length}."
            if not run.outputs:
                yield "The steps after the commit have no record of their end."
            if failed_checks:
                yield f"{format_plural(failed_checks, 'independent check')} failed."
        case State.TEST_PASSED:
            finish = run.find_done("finish")
            image = finish.facts.get("image_id") if finish else None
            yield f"The replica passed the acceptance suite and is image {image or NOT_KNOWN}. The source was not frozen."
        case State.ROLLED_BACK | State.ROLLING_BACK if window:
            yield f"The run failed in step {_name_failed_step(run)} and {'was' if state is State.ROLLED_BACK else 'is being'} rolled back."
            yield (
                f"The source accepted writes again {length} after the freeze."
                if window.seconds is not None
                else "When the source accepted writes again is not recorded."
            )
        case State.ROLLED_BACK | State.STOPPED | State.ROLLING_BACK:
            yield f"The run failed in step {_name_failed_step(run)}, before the freeze; the writes of the source were never stopped."
        case State.RUNNING:
            yield f"The run goes on: its last record is of step {run.steps[-1].name}."
        case State.NOT_ENDED:
            yield f"The evidence has no end of this run: its last record is of step {run.steps[-1].name}. It runs, or it was interrupted."
    yield from _describe_client(client, requests)
    if compared.rows is not None:
        yield f"{format_plural(compared.rows, 'row')} in {format_plural(compared.table_count or 0, 'table')} were compared and equal."


def _describe_client(client: Summary | None, requests: Requests | None) -> Iterator[str]:
    if client is None and requests and requests.periods:
        total = requests.total
        yield (
            f"Of {format_plural(total.requests, 'request')} that the proxies logged around the window {total.server_errors:,} failed with 5xx "
            f"and {total.held:,} were held; the longest took {format_seconds(total.longest)}."
        )
        return
    if client is None:
        yield "Nobody measured what users saw."
        return
    held = "how many were held is not known" if client.held is None else f"{client.held:,} were held"
    yield (
        f"Of {format_plural(client.operations, 'operation')} of the client {client.failed:,} failed and {held}; "
        f"the longest write took {format_seconds(client.longest)}."
    )


def _name_failed_step(run: Run) -> str:
    return run.failures[0].name if run.failures else "(not recorded)"
