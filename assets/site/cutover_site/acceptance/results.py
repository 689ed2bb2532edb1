"""The result of one check. A check that does not apply to this site is reported as not checked, never as passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["pass", "fail", "skip"]
NOT_TRIED = "not tried, because"


@dataclass(frozen=True)
class CheckResult:
    """`skip`: not checked. `setting` is what explains that; empty where the caller did not ask for it."""

    name: str
    outcome: Outcome
    reason: str
    seconds: float
    setting: str = ""
    retried: tuple[str, ...] = ()
    """requests that were sent a second time"""
    not_checked: tuple[str, ...] = ()
    """parts that this site's settings rule out"""

    def to_facts(self) -> dict[str, Any]:
        """Return the members as plain values: their names are those in reports and evidence."""
        return asdict(self)


def describe_failures(results: Sequence[CheckResult]) -> str:
    """Return the failed checks with their reasons; empty when none failed. Of those that were not tried, only their number."""
    failed = [result for result in results if result.outcome == "fail"]
    tried = [f"{result.name}: {result.reason}" for result in failed if not result.reason.startswith(NOT_TRIED)]
    rest = len(failed) - len(tried)
    return "; ".join([*tried, *([f"{rest} more not tried"] if rest else [])])
