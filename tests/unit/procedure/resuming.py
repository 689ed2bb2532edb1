"""A site whose runs keep their replica when they fail before the freeze: `resume_minutes` is set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from common.errors import RetryableServiceError
from common.settings import Settings
from common.suspended_replica import SuspendedReplica
from common.suspension import Suspension
from procedure.registry import Registry

from tests.unit.procedure.asl import Result
from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom
from tests.unit.procedure.world import World

MINUTES = 60
CHANGED = "subnet-2"


class ResumingRegistry(Registry):
    """The procedure with `resume_minutes`."""

    def __init__(self, settings: Settings, *rest: Any, **more: Any) -> None:
        super().__init__(replace(settings, resume_minutes=MINUTES), *rest, **more)


class OtherPlace(Registry):
    """The same after the settings of the launch were changed."""

    def __init__(self, settings: Settings, *rest: Any, **more: Any) -> None:
        launch = replace(settings.launch_settings, subnet_id=CHANGED)
        super().__init__(replace(settings, resume_minutes=MINUTES, launch_settings=launch), *rest, **more)


def lose_response_once(step: str, lost: list[str]) -> type[ResumingRegistry]:
    """Return a registry whose response of this step is lost after its work, the first time. `lost`: gets the step then."""

    class LosingRegistry(ResumingRegistry):
        def invoke(self, event: Any) -> dict[str, Any]:
            returned = super().invoke(event)
            if event["step"] == step and not lost:
                lost.append(step)
                raise RetryableServiceError("the function was ended after its work")
            return returned

    return LosingRegistry


def run(
    execute: Execute, run_id: str, *, fails_in: str = "", registry_class: type[Registry] = ResumingRegistry, **more: Any
) -> Result:
    """Run a cutover. `fails_in`: it fails when it begins this step."""

    def watch(step: str) -> None:
        if step == fails_in:
            boom("it broke here")()

    return execute("cutover", run_id=run_id, registry_class=registry_class, **{"before": watch, **more})


def get_suspension(world: World) -> Suspension:
    suspension = world.runs.read().suspension
    assert suspension is not None, "no run is suspended"
    return suspension


def expire(world: World) -> str:
    """Do what the schedule does every five minutes. Return the name of the outcome."""
    due: Callable[[Suspension], bool] = lambda one: one.until <= world.clock.now()  # noqa: E731
    provider: Any = world
    return str(SuspendedReplica(runs=world.runs, provider=provider).remove(due).name)


def count_launches(world: World) -> int:
    return world.action_log.count("launch CUTOVER")
