"""What a scenario is: a folder here with a `scenario.py` that has one `SCENARIO`. The folder's name is the scenario's.

Its docstring says what is broken and when; `act` breaks it and answers how the cutover ended. That the world is in one of the two states
afterwards, with every acknowledged write in it, is looked at by the runner (outcome.py), for every scenario alike.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tests.rehearsal.scenarios.stage import Ended, Stage

End = Literal["migrated", "not migrated", "either"]
"""of the site. `either`: what is broken may or may not be overcome in time, but in between there is nothing"""
HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`says`: words that the deploy's error (not migrated) or its warnings (migrated) must hold, whatever their case."""

    ends: End
    act: Callable[[Stage], Ended]
    says: tuple[str, ...] = ()
    always: bool = False
    """run by `make test` too; all are run by `make scenarios`"""
    left_alone: bool = False
    """nobody tells the procedure to clean up: only the source's own switch acts"""
    forwards: bool = True
    """whether the source can send on what still arrives there, after a migration"""


def names() -> list[str]:
    return sorted(folder.parent.name for folder in HERE.glob("*/scenario.py"))


def load(name: str) -> Scenario:
    module = importlib.import_module(f"tests.rehearsal.scenarios.{name}.scenario")
    scenario: Scenario = module.SCENARIO
    if not module.__doc__:
        raise ValueError(f"scenario {name} does not say what is broken")
    return scenario
