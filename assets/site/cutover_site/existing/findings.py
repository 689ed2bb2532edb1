"""Findings of `check-source`: each states what is wrong, on which machine, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STOPS, UNKNOWN, WARNING = "stops", "unknown", "warning"
LEVELS = (STOPS, UNKNOWN, WARNING)
TITLES = {
    STOPS: "findings that would stop a migration",
    UNKNOWN: "checks that could not be made",
    WARNING: "warnings",
}
MAX_CHARACTERS = 700
"""of a sentence"""


@dataclass(frozen=True)
class Finding:
    """`check`: the name of the check. `level`: STOPS, UNKNOWN (what could not be checked counts as not met) or WARNING."""

    check: str
    level: str
    what: str
    action: str

    def to_facts(self, machine: str) -> dict[str, str]:
        """Return the finding for the result of the verb."""
        return {
            "check": self.check,
            "level": self.level,
            "what": _clip(self.what),
            "machine": machine,
            "action": _clip(self.action),
        }


def stop(check: str, what: str, action: str) -> Finding:
    """Return a finding that would stop a migration."""
    return Finding(check, STOPS, what, action)


def warn(check: str, what: str, action: str) -> Finding:
    """Return a finding that would not stop a migration."""
    return Finding(check, WARNING, what, action)


def not_checked(check: str, what: str, action: str) -> Finding:
    """Return a finding about a check that could not run."""
    return Finding(check, UNKNOWN, what, action)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, the most severe first."""
    return sorted(dict.fromkeys(findings), key=lambda one: LEVELS.index(one.level))


def is_met(findings: Iterable[Finding]) -> bool:
    """Return whether nothing would stop a migration, and everything could be checked."""
    return all(one.level == WARNING for one in findings)


def format_findings(findings: Iterable[Finding], machine: str) -> list[str]:
    """Return lines for people, with a heading for each level."""
    lines: list[str] = []
    ordered = sort_findings(findings)
    for level in LEVELS:
        found = [one for one in ordered if one.level == level]
        if found:
            lines.append(f"{machine}, {TITLES[level]} ({len(found)}):")
            lines += [f"  [{one.check}] {one.what}. Next: {one.action}" for one in found]
    return lines or [f"{machine}: nothing that would stop a migration was found"]


def _clip(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
