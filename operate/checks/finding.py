"""The result of one check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from common.errors import CutoverError

from operate.formatting import build_error_facts

State = Literal["ok", "problem", "unchecked"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `next_action`: how to get what is missing."""

    area: str
    state: State
    what: str
    next_action: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the finding for programs."""
        return asdict(self)

    def format(self) -> str:
        """Return the finding in one line."""
        text = f"{self.state:<9}  {self.area}: {self.what}"
        return f"{text}. Next: {self.next_action}" if self.next_action else text


def found_ok(area: str, what: str) -> Finding:
    """Return the finding of a check that found no problem."""
    return Finding(area=area, state="ok", what=what)


def found_problem(area: str, what: str, next_action: str) -> Finding:
    """Return the finding of something that is missing or wrong."""
    return Finding(area=area, state="problem", what=what, next_action=next_action)


def try_check(area: str, check: Callable[[], list[Finding]], *, what: str) -> list[Finding]:
    """Return the findings of a check; when AWS refuses it, one finding that it was not made."""
    try:
        return check()
    except CutoverError as error:
        facts = build_error_facts(error)
        return [
            Finding(
                area=area,
                state="unchecked",
                what=f"{what} could not be checked: {facts['reason']}",
                next_action=facts["next"] or "correct the cause, or leave this area out with --skip",
            )
        ]
