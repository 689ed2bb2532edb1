"""Define the result of one check. A check that does not apply to this site is not checked; it never counts as passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["pass", "fail", "skip"]
NOT_TRIED = "not tried, because"


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check. `skip`: not checked; `setting` is the reason, and empty when the caller did not request the check."""

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
        """Return the members as plain values. Their names are the keys in reports and evidence."""
        return asdict(self)


def describe_failures(results: Sequence[CheckResult]) -> str:
    """Return the failed checks with their reasons; empty when none failed.

    Of the checks that were not tried, the text has only the number.
    """
    failed = [result for result in results if result.outcome == "fail"]
    tried = [f"{result.name}: {result.reason}" for result in failed if not result.reason.startswith(NOT_TRIED)]
    rest = len(failed) - len(tried)
    return "; ".join([*tried, *([f"{rest} more not tried"] if rest else [])])
