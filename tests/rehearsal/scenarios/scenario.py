"""The scenarios: functions in the modules of the folder `catalogue`, each with its expected outcome as a decorator.

The name of the function is the name of the scenario. Its docstring describes the fault and its time. The function
injects the fault and returns the result of the run. A scenario with `steps` runs once for each of them, as
`name[step]`, and its function takes the step. The runner (outcome.py) checks after every scenario that the world is in
one of the expected states and contains every acknowledged write.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from common.run import Kind

from rehearsal.errors import UsageError

if TYPE_CHECKING:
    from tests.rehearsal.scenarios.stage import RunResult, Stage

Function = TypeVar("Function", bound=Callable[..., Any])
End = Literal["migrated", "not migrated", "tested", "not tested", "either"]
"""the state of the site, or the result of a test launch. `either`: the run may or may not overcome the fault in time,
but the site must be in exactly one of the two states
"""
OrphanedResource = Literal["replica", "launch job", "delta key", "content of the acceptance suite"]
ProviderKind = Literal["cloudendure", "mgn"]
ANY_PROVIDER: tuple[ProviderKind, ...] = ("cloudendure", "mgn")
"""for a scenario that concerns the provider, whichever it is"""
CATALOGUE = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The expected outcome of a scenario. As a decorator it registers a function of the catalogue."""

    expected_end: End
    kind: Kind = "cutover"
    """the kind of the run in which the fault occurs"""
    providers: tuple[ProviderKind, ...] = ("cloudendure",)
    """with which `make scenarios` runs the scenario. One that does not concern the provider runs with one of them"""
    shapes: tuple[str, ...] = ()
    """the shapes of the existing site that the scenario needs; empty: it runs with every source"""
    steps: tuple[str, ...] = ()
    reason_contains: tuple[str, ...] = ()
    """texts in the deploy's error (not migrated) or in its warnings (migrated); the case of letters does not matter"""
    always: bool = False
    """`make test` runs the scenario too, with the first of its providers; `make scenarios` runs all"""
    only_dead_mans_switch: bool = False
    """nobody starts a roll back: only the dead man's switch of the source acts"""
    finalized: bool = True
    """a migration has ended the provider's replication"""
    source_forwards: bool = True
    """after a migration the source can forward the requests that it still receives"""
    replication_resumes: bool = True
    """after a roll back the replication runs again; false if somebody else stopped it, or if DMS cannot start it"""
    orphaned_resources: tuple[OrphanedResource, ...] = ()
    """the resources that a warning asks the operator to remove"""
    has_complete_reason: bool = True
    """the product wrote the error, so the error must name phase, machine and next action"""
    client_errors: str = ""
    """why operations of clients may fail: the fault itself hits a machine or a process that serves them. Empty: none
    fails, except for writes that are refused after the end of the hold
    """
    image_replaced: bool = False
    """a deploy made another image for the servers, and removed the former one"""

    def __call__(self, function: Function) -> Function:
        """Register the function that injects the fault.

        Raises:
            ValueError: The function has no docstring, or another scenario has its name.
        """
        name = function.__name__
        if not function.__doc__:
            raise ValueError(f"scenario {name} has no description of its fault")
        if name in _REGISTERED:
            raise ValueError(f"two scenarios have the name {name}")
        _REGISTERED[name] = (self, function)
        return function


@dataclass(frozen=True)
class Case:
    """One run of a scenario: if the scenario has steps, at one of them."""

    scenario: Scenario
    run: Callable[[Stage], RunResult]


_REGISTERED: dict[str, tuple[Scenario, Callable[..., Any]]] = {}


def list_names() -> list[str]:
    """Return the names of all scenarios, sorted."""
    _import_catalogue()
    return sorted(_REGISTERED)


def select_names(provider: str, *, only_always: bool, shape: str = "") -> list[str]:
    """Return the names of the scenarios that run with this provider: all of them, or those of `make test`.

    `shape`: that of the existing site; empty for the demo. One that needs a shape runs with its world whenever there is
    one.
    """
    scenarios = {name: load_case(name).scenario for name in list_names()}
    scenarios = {name: one for name, one in scenarios.items() if not one.shapes or shape in one.shapes}
    if only_always:
        return [
            name
            for name, one in scenarios.items()
            if (one.always and one.providers[0] == provider) or (one.shapes and provider in one.providers)
        ]
    return [name for name, one in scenarios.items() if provider in one.providers]


def load_case(name: str) -> Case:
    """Return the case `name` or `name[step]`.

    Raises:
        UsageError: The catalogue has no such scenario, or the scenario has no such step.
    """
    _import_catalogue()
    plain, _, step = name.rstrip("]").partition("[")
    if plain not in _REGISTERED:
        near = ", such as ".join(["", *get_close_matches(plain, _REGISTERED, n=1)])
        raise UsageError(f"There is no scenario {plain!r}: give a function of {CATALOGUE.name}/*.py in ONLY{near}.")
    scenario, function = _REGISTERED[plain]
    if step and step not in scenario.steps:
        known = f"one of {', '.join(scenario.steps)}" if scenario.steps else "its name alone, because it has no steps"
        raise UsageError(f"The scenario {plain} has no step {step!r}: give {known}.")
    return Case(scenario, partial(function, step=step) if step else function)


def expand_steps(names: Collection[str]) -> list[str]:
    """Return the cases of these scenarios.

    A scenario with steps has one case for each step, unless its name already selects one (`name[step]`).
    """
    found: list[str] = []
    for name in names:
        scenario = load_case(name).scenario
        steps = () if "[" in name else scenario.steps
        found += [f"{name}[{step}]" for step in steps] or [name]
    return found


@cache
def _import_catalogue() -> None:
    """Import every module of the catalogue, which registers its scenarios."""
    for path in sorted(CATALOGUE.glob("*.py")):
        importlib.import_module(f"tests.rehearsal.scenarios.catalogue.{path.stem}")
