"""What a step returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Done:
    """The step is complete. `facts` go into the evidence."""

    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """Not done yet. `waiting_for` is what the operator reads when the time is up."""

    waiting_for: str
    machine: str = ""
    next_action: str = ""


Outcome = Done | Pending
