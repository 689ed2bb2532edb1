"""Evaluate whether the site will serve its users on the target as on the source, from the facts of `cutover-site check`."""

from collections.abc import Mapping, Sequence
from typing import Any

from applications.profile import Check


def find_problems(facts: Mapping[str, Any], checks: Sequence[Check]) -> list[str]:
    """Return reasons against going on. A fact that is missing is one."""
    unknown = [
        f"{check.what} are not known (run the playbook: its cutover-site is older)"
        for check in checks
        if check.fact not in facts
    ]
    found: list[str] = []
    for check in checks:
        fact = facts.get(check.fact) or {}
        reasons = [fact.get("problem")] if isinstance(fact, Mapping) else list(fact)
        sentences = [str(reason) for reason in reasons if reason]
        if sentences and check.advice:
            sentences[-1] += f": {check.advice}"
        found += sentences
    return unknown + found


def list_warnings(facts: Mapping[str, Any], checks: Sequence[Check]) -> list[str]:
    """Return what changes for users, though nothing is lost: `warning` in the facts of the application's checks."""
    found = [facts.get(check.fact) for check in checks]
    return [str(fact["warning"]) for fact in found if isinstance(fact, Mapping) and fact.get("warning")]
