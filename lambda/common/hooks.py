"""Hooks of the site's owner: the points of a run at which they are called, and how they are written in the functions' environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import ConfigurationError
from common.run import Kind

SOURCE = ("source-app", "source-database")
MACHINES = (*SOURCE, "replica", "target")
"""the machines on which a hook can run, by their roles"""
BOTH: tuple[Kind, ...] = ("test-launch", "cutover")


@dataclass(frozen=True, kw_only=True)
class HookPoint:
    """A named point of a run."""

    name: str
    kinds: tuple[Kind, ...]
    """the runs that have it"""
    machines: tuple[str, ...]
    """those that exist then"""
    is_in_window: bool = False
    can_fail_run: bool = True
    """False after the commit, and in the roll back"""

    @property
    def step(self) -> str:
        """Return the name of the step that runs the hooks of this point."""
        return f"hooks-{self.name}"


POINTS: Mapping[str, HookPoint] = {
    point.name: point
    for point in (
        HookPoint(name="before-test", kinds=("test-launch",), machines=SOURCE),
        HookPoint(name="after-acceptance", kinds=("cutover",), machines=(*SOURCE, "target")),
        HookPoint(name="before-freeze", kinds=("cutover",), machines=MACHINES),
        HookPoint(name="after-freeze", kinds=("cutover",), machines=MACHINES, is_in_window=True),
        HookPoint(name="before-commit", kinds=("cutover",), machines=MACHINES, is_in_window=True),
        HookPoint(name="after-commit", kinds=("cutover",), machines=MACHINES, can_fail_run=False),
        HookPoint(name="on-rollback", kinds=BOTH, machines=SOURCE, can_fail_run=False),
    )
}
"""in the order of a run"""


@dataclass(frozen=True, kw_only=True)
class Hook:
    """One hook: an executable on a machine, or a function."""

    name: str
    point: str
    seconds: int
    """time limit"""
    required: bool
    machine: str = ""
    """role of the machine; empty for a function"""
    command: str = ""
    user: str = "root"
    function: str = ""
    """ARN; empty for a machine"""

    @classmethod
    def parse(cls, raw: Any) -> Hook:
        """Return the hook. Raises ConfigurationError for an unknown key or point."""
        try:
            hook = cls(**raw)
        except TypeError as error:
            raise ConfigurationError(
                f"CUTOVER_HOOKS: {error}", next_action="deploy the stack again: the construct sets it"
            ) from error
        if hook.point not in POINTS:
            raise ConfigurationError(f"CUTOVER_HOOKS: unknown point {hook.point!r}", next_action="deploy again")
        return hook
