"""What a machine's acceptance suite found, judged once for all who read it. Not checked is not passed. Pure.

`required`: the checks that no setting of a site rules out (`Profile.required_checks`).
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any


def find_problems(checks: Iterable[Mapping[str, Any]], required: Collection[str]) -> list[str]:
    """Return one sentence for each check that failed, or that was left out without a setting of the site that explains it."""
    return [f"{check.get('name')}: {problem}" for check in checks if (problem := _find_problem(check, required))]


def _find_problem(check: Mapping[str, Any], required: Collection[str]) -> str:
    outcome, reason = check.get("outcome"), str(check.get("reason") or "")
    if outcome == "pass":
        return ""
    if outcome != "skip":
        return reason or str(outcome or "no outcome")
    if check.get("name") in required:
        return f"was not checked, and always must be: {reason or 'no reason'}"
    if not reason or not check.get("setting"):
        return f"was not checked, and no setting of the site explains it: {reason or 'no reason'}"
    return ""


def has_passed(checks: Iterable[Mapping[str, Any]], required: Collection[str]) -> bool:
    """Return whether there is no problem, and at least one check that passed."""
    known = list(checks)
    return not find_problems(known, required) and any(check.get("outcome") == "pass" for check in known)


def list_unchecked(checks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return one sentence for each check, or part of one, that the site's settings rule out."""
    said = []
    for check in checks:
        if check.get("outcome") == "skip":
            said.append(f"{check.get('name')}: {check.get('reason')} ({check.get('setting')})")
        said += [f"{check.get('name')}: {part}" for part in check.get("not_checked") or []]
    return said


def list_retried(checks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return one sentence for each request that a check sent a second time."""
    return [f"{check.get('name')}: {request}" for check in checks for request in check.get("retried") or []]
