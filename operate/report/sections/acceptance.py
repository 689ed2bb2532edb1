"""The results of the acceptance suites and of the hooks of the site's owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.clients.run_record import Record

from operate.report.runs import Run, Step

SUITES: Mapping[str, str] = {
    "await-report": "Test launch: the replica, on the scratch copy",
    "accept-scratch": "Target, through the load balancers, on the scratch copy",
    "accept-live": "Target, through the load balancers, on the live data, in the window",
}


@dataclass(frozen=True)
class Result:
    """One check. `outcome`: pass, fail or skip. `seconds`: None when it is not known."""

    name: str
    outcome: str
    seconds: float | None
    reason: str


@dataclass(frozen=True)
class Suite:
    """One run of the suite. `reason`: why it failed. `notes`: what the site's settings rule out, and what was sent twice."""

    title: str
    passed: bool
    results: Sequence[Result]
    reason: str
    notes: Sequence[str]


@dataclass(frozen=True)
class Hook:
    """A hook of the site's owner, as the run recorded it. All as text."""

    name: str
    point: str
    where: str
    seconds: str
    outcome: str
    last_line: str


def list_suites(runs: Iterable[Run | None]) -> list[Suite]:
    """Return the suites of these runs. A suite whose step did not begin is not listed."""
    return [
        _build_suite(title, step)
        for run in runs
        if run is not None
        for name, title in SUITES.items()
        if (step := run.find(name)) is not None and step.outcome != "retry"
    ]


def _build_suite(title: str, step: Step) -> Suite:
    facts = step.facts
    report = facts.get("report")
    checks = (report.get("checks") if isinstance(report, Mapping) else facts.get("checks")) or []
    notes = [f"not checked: {one}" for one in facts.get("not_checked") or []]
    notes += [f"sent twice: {one}" for one in facts.get("retried") or []]
    results = [_build_result(one) for one in checks if isinstance(one, Mapping)] if isinstance(checks, list) else []
    return Suite(title, step.is_done, results, "" if step.is_done else str(facts.get("reason") or "no reason recorded"), notes)  # fmt: skip


def _build_result(check: Mapping[str, Any]) -> Result:
    seconds = check.get("seconds")
    return Result(
        str(check.get("name")),
        str(check.get("outcome")),
        float(seconds) if isinstance(seconds, int | float) else None,
        str(check.get("reason") or ""),
    )


def list_hooks(run: Run, record: Record | None) -> list[Hook]:
    """Return the hooks that the run record or the steps name. A release without hooks has none."""
    found: list[Any] = [*(getattr(record, "hooks", None) or [])] if record and record.run_id == run.run_id else []
    for step in run.steps:
        hooks = step.facts.get("hooks")
        found += hooks if isinstance(hooks, list) else []
    return list(dict.fromkeys(_build_hooks(found)))


def _build_hooks(raw: Iterable[Any]) -> Iterator[Hook]:
    for one in raw:
        if isinstance(one, Mapping):
            text = {key: str(value) for key, value in one.items() if value is not None}
            yield Hook(
                text.get("name", ""),
                text.get("point", ""),
                text.get("machine") or text.get("function") or "",
                text.get("seconds", ""),
                text.get("outcome", ""),
                text.get("line", ""),
            )
