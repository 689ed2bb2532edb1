"""The warnings of a run, each with what to do."""

from __future__ import annotations

from dataclasses import dataclass

from operate.report.runs import Run

NO_ADVICE = "The run names no action. The runbook lists what each step leaves."


@dataclass(frozen=True)
class RunWarning:
    """What could not be done, and what to do about it."""

    what: str
    action: str


def list_warnings(run: Run) -> list[RunWarning]:
    """Return each warning once, in the order in which the run recorded them."""
    found = [*(run.outputs.get("warnings") or [])]
    for step in run.steps:
        if step.name in ("warn", "finish"):
            found += step.facts.get("warnings") or []
    return [_split(str(sentence)) for sentence in dict.fromkeys(found)]


def _split(sentence: str) -> RunWarning:
    """Separate what happened from what to do. `common.errors.format_sentence` joins them."""
    what, mark, action = sentence.partition(". Next: ")
    return RunWarning(what, action if mark else NO_ADVICE)
