"""What a scenario is: a folder here with a `scenario.py` that has one `SCENARIO`. The folder's name is the scenario's.

Its docstring says what is broken and when; `act` breaks it and answers how the run ended. A scenario that names `steps` is run once for each of
them, as `name[step]`, and its `act` is told which. That the world is in one of the states afterwards, with every acknowledged write in it, is
looked at by the runner (outcome.py), for every scenario alike.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from common.run import Kind

if TYPE_CHECKING:
    from tests.rehearsal.scenarios.stage import Ended, Stage

End = Literal["migrated", "not migrated", "tested", "not tested", "either"]
"""of the site, or of a test launch. `either`: what is broken may or may not be overcome in time, but in between there is nothing"""
Left = Literal["replica", "key of the delta", "what the acceptance made"]
HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`says`: words that the deploy's error (not migrated) or its warnings (migrated) must hold, whatever their case."""

    ends: End
    act: Callable[..., Ended]
    """(stage), or with `steps` (stage, step)"""
    kind: Kind = "cutover"
    """of the run that is broken"""
    steps: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    always: bool = False
    """run by `make test` too; all are run by `make scenarios`"""
    left_alone: bool = False
    """nobody tells the procedure to clean up: only the source's own switch acts"""
    forwards: bool = True
    """whether the source can send on what still arrives there, after a migration"""
    replicates: bool = True
    """whether the replication goes on when the source serves again: not when somebody else has stopped it, or it cannot be started"""
    leaves: tuple[Left, ...] = ()
    """what a warning asks people to take away"""
    spoken: bool = True
    """whether the error is the product's own, which names phase, machine and what to do"""
    new_images: int = 0
    """how many images with their snapshots stay, besides that of a test launch that went well"""

    def at(self, step: str) -> Scenario:
        """As it is run at one of its steps."""
        return replace(self, act=partial(_at, self.act, step), steps=())


def _at(act: Callable[[Stage, str], Ended], step: str, stage: Stage) -> Ended:
    return act(stage, step)


def names() -> list[str]:
    return sorted(folder.parent.name for folder in HERE.glob("*/scenario.py"))


def load(case: str) -> Scenario:
    """By `name`, or `name[step]`."""
    name, _, step = case.rstrip("]").partition("[")
    module = importlib.import_module(f"tests.rehearsal.scenarios.{name}.scenario")
    scenario: Scenario = module.SCENARIO
    if not module.__doc__:
        raise ValueError(f"scenario {name} does not say what is broken")
    return scenario.at(step) if step else scenario


def cases(names: Collection[str]) -> list[str]:
    """What is run for these names: a scenario with steps once for each of them, unless a name is `name[step]` already."""
    found: list[str] = []
    for name in names:
        steps = load(name).steps
        found += [f"{name}[{step}]" for step in steps] or [name]
    return found
