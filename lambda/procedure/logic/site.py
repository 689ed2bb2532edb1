"""Evaluate whether the site will serve its users on the target as on the source, from the facts of `cutover-site check`."""

from collections.abc import Mapping, Sequence
from typing import Any

from applications.profile import Check


def problems(facts: Mapping[str, Any], checks: Sequence[Check]) -> list[str]:
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


def warnings(facts: Mapping[str, Any]) -> list[str]:
    """Return what changes for users, though nothing is lost."""
    identity = facts.get("identity") or {}
    if not identity.get("enabled"):
        return []
    senders = ", ".join(map(str, identity.get("senders") or []))
    return [
        "the site signs users in by a header, which the front deletes from every request, on the source and on the targets; "
        + (
            f"a proxy in front of it still sends one: {senders}"
            if senders
            else "nobody has sent one since it was started"
        )
    ]
