"""The description of an alarm. A person reads it on a phone, so it states what is wrong and what to do."""

from __future__ import annotations

DO = "Do: "
"""begins the part that states what to do. tests/compliance/test_alarms.py checks that each alarm has it"""


def describe_alarm(problem: str, *, do: str) -> str:
    """Return the description of an alarm in one line."""
    return f"{problem}. {DO}{do}."
