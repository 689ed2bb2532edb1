"""What a scenario is: a function in a module of the folder `catalogue`, below its expected outcome. The function's name
is the scenario's.

Its docstring says what is broken and when; it breaks it and returns how the run ended. A scenario that names `steps` is
run once for each of them, as `name[step]`, and its function is given which. That the world is in one of the states
afterwards, with every acknowledged write in it, is checked by the runner (outcome.py), for every scenario alike.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from common.run import Kind

if TYPE_CHECKING:
    from tests.rehearsal.scenarios.stage import Ended, Stage

Act = TypeVar("Act", bound=Callable[..., Any])
End = Literal["migrated", "not migrated", "tested", "not tested", "either"]
"""of the site, or of a test launch. `either`: what is broken may or may not be overcome in time, but in between there
is nothing
"""
Left = Literal["replica", "key of the delta", "what the acceptance made"]
CATALOGUE = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The expected outcome. As a decorator it makes a function of the catalogue a scenario.

    `says`: words that the deploy's error (not migrated) or its warnings (migrated) must hold, whatever their case.
    """

    ends: End
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
    """whether the replication goes on when the source serves again: not when somebody else has stopped it, or it cannot
    be started
    """
    leaves: tuple[Left, ...] = ()
    """what a warning asks people to take away"""
    spoken: bool = True
    """whether the error is the product's own, which names phase, machine and what to do"""
    new_images: int = 0
    """how many images with their snapshots stay, besides that of a test launch that went well"""

    def __call__(self, act: Act) -> Act:
        """Register `act` as the function that breaks something. Raises ValueError when it does not say what, or its
        name is taken.
        """
        name = act.__name__
        if not act.__doc__:
            raise ValueError(f"scenario {name} does not say what is broken")
        if name in _ACTS:
            raise ValueError(f"two scenarios are called {name}")
        _ACTS[name] = (self, act)
        return act


@dataclass(frozen=True)
class Case:
    """A scenario as it is run: of one with steps, at one of them."""

    scenario: Scenario
    act: Callable[[Stage], Ended]


_ACTS: dict[str, tuple[Scenario, Callable[..., Any]]] = {}


def names() -> list[str]:
    _import_catalogue()
    return sorted(_ACTS)


def load(name: str) -> Case:
    """Return the case `name`, or `name[step]`. Raises KeyError when the catalogue has no such scenario."""
    _import_catalogue()
    plain, _, step = name.rstrip("]").partition("[")
    scenario, act = _ACTS[plain]
    return Case(scenario, partial(act, step=step) if step else act)


def cases(names: Collection[str]) -> list[str]:
    """What is run for these names: a scenario with steps once for each of them, unless a name is
    `name[step]` already.
    """
    found: list[str] = []
    for name in names:
        steps = () if "[" in name else load(name).scenario.steps
        found += [f"{name}[{step}]" for step in steps] or [name]
    return found


@cache
def _import_catalogue() -> None:
    """Each module registers its scenarios when it is imported."""
    for path in sorted(CATALOGUE.glob("*.py")):
        importlib.import_module(f"tests.rehearsal.scenarios.catalogue.{path.stem}")
