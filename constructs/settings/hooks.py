"""Hooks of the site's owner in migration.toml: tables [[hooks]]."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from common.hooks import POINTS, HookPoint
from pydantic import Field, StringConstraints, model_validator

from settings.base import Model
from settings.values import FunctionArn

MAX_HOOKS = 12
ENVIRONMENT_BYTES = 4096
"""of a function, names and values together (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)"""
OTHER_VARIABLES_BYTES = 1400
"""of the environment, for everything but hooks, limits and the name of the source server"""
MAX_FUNCTION_SECONDS = 45
"""an invocation of the procedure waits for the function, and has 75 s itself"""
MARGIN_SECONDS = 60
"""of the limit `hooks`: the way of the commands to their machines"""
SHARE_OF_HOLD = 0.5
"""of `freeze_hold`, for the hooks of the window together. The rest is for the window itself"""

PointName = Literal[
    "before-test",
    "after-acceptance",
    "before-freeze",
    "after-freeze",
    "before-commit",
    "after-commit",
    "on-rollback",
]


class Hook(Model):
    """A command on a machine, or a function, that a run calls at a point. `required`: its failure rolls the run back."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    point: PointName
    machine: Literal["source-app", "source-database", "replica", "target"] | None = None
    command: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._/+-]{1,199}$")] | None = None
    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] = "root"
    function: FunctionArn | None = None
    seconds: Annotated[int, Field(ge=1, le=900)]
    required: bool | None = None

    @property
    def place(self) -> HookPoint:
        """Return the point."""
        return POINTS[self.point]

    @property
    def is_required(self) -> bool:
        """Return whether a failure rolls the run back: by default wherever it can."""
        return self.place.can_fail_run if self.required is None else self.required

    def to_json(self) -> dict[str, str | int | bool]:
        """Return the hook for the environment of the functions (common.hooks.Hook)."""
        what = {"machine": self.machine, "command": self.command, "user": self.user, "function": self.function}
        given = {key: value for key, value in what.items() if value and (key, value) != ("user", "root")}
        return {
            "name": self.name,
            "point": self.point,
            "seconds": self.seconds,
            "required": self.is_required,
            **given,
        }

    @model_validator(mode="after")
    def _check_what_runs(self) -> Self:
        on_machine = self.machine is not None or self.command is not None
        if on_machine == (self.function is not None) or (on_machine and not (self.machine and self.command)):
            raise ValueError(f"hook {self.name} to have machine and command, or function alone")
        if self.function is not None and self.user != "root":
            raise ValueError(f"hook {self.name} to have no user: a function runs as its role")
        return self

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if self.machine is not None and self.machine not in self.place.machines:
            raise ValueError(
                f"hook {self.name} to run on {' or '.join(self.place.machines)}: at {self.point} the machine "
                f"{self.machine} does not exist, or is not certain to exist"
            )
        if self.required and not self.place.can_fail_run:
            raise ValueError(
                f"hook {self.name} not to be required: at {self.point} it cannot change how the run ends any more"
            )
        return self

    @model_validator(mode="after")
    def _check_function_seconds(self) -> Self:
        if self.function is not None and self.seconds > MAX_FUNCTION_SECONDS:
            raise ValueError(
                f"hook {self.name} to have at most {MAX_FUNCTION_SECONDS} seconds, because a step waits for the function"
            )
        return self


def serialize_hooks(hooks: Sequence[Hook]) -> str:
    """Return the hooks as the environment of the functions has them."""
    return json.dumps([hook.to_json() for hook in hooks], separators=(",", ":"))


def find_problem(
    hooks: Sequence[Hook], *, region: str, hold_seconds: int, limit_seconds: int, varying: Sequence[str] = ()
) -> str:
    """Return what is wrong with the hooks together, as the end of "expected …"; empty if nothing is.

    `hold_seconds`: for how long the source's proxy holds writes. `limit_seconds`: for all hooks of one point. `varying`: values of the
    settings that share the environment of a function with the hooks.
    """
    names = [hook.name for hook in hooks]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        return f"each hook to have a name of its own, and {twice[0]} is used twice"
    for hook in hooks:
        if hook.function is not None and hook.function.split(":")[3] != region:
            return f"hook {hook.name} to name a function in {region}, the region of the migration"
    size = len(serialize_hooks(hooks))
    room = ENVIRONMENT_BYTES - OTHER_VARIABLES_BYTES - sum(len(value.encode()) for value in varying)
    if hooks and size > room:
        return (
            f"fewer hooks or shorter commands: together they need {size} bytes of the environment of a function, which has {room} for them; one "
            "script can call several programs"
        )
    in_window = sum(hook.seconds for hook in hooks if hook.place.is_in_window)
    longest = int(hold_seconds * SHARE_OF_HOLD)
    if in_window > longest:
        return (
            f"the hooks of the window (after-freeze, before-commit) to have at most {longest} seconds together, not {in_window}: users wait for "
            f"them, and the proxy holds writes for {hold_seconds} s (freeze_hold in [limits])"
        )
    for point in POINTS:
        together = sum(hook.seconds for hook in hooks if hook.point == point)
        if together + MARGIN_SECONDS > limit_seconds:
            return f"the hooks at {point} to have at most {limit_seconds - MARGIN_SECONDS} seconds together, not {together} (hooks in [limits])"
    return ""
