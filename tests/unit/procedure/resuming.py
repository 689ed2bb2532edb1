"""A site whose runs keep their replica when they fail before the freeze: `resume_minutes` is set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from common.errors import RetryableServiceError
from common.settings import Settings
from common.suspended_replica import SuspendedReplica
from common.suspension import Suspension
from procedure import evidence_names
from procedure.registry import Registry

from tests.unit.procedure.asl import Result
from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom
from tests.unit.procedure.safety import not_finished
from tests.unit.procedure.world import World

MINUTES = 60
KEPT = ["a replica is left"]
"""what `left_undone` returns of a run that keeps its replica"""
UNFINISHED = ("await-job", "await-bulk")
"""steps that a run may fail in after its launch and before the end of the copy"""
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


def read_facts(world: World, run_id: str, step: str) -> dict[str, Any]:
    facts: dict[str, Any] = world.create_evidence(run_id).read(evidence_names.format_evidence_name("cutover", step))[
        "facts"
    ]  # type: ignore[index]
    return facts


def list_continued(world: World) -> list[tuple[str, str]]:
    """Return the run and the launching run of each command that lets a replica go on."""
    sent = [
        options for _, verb, options in world.sent.values() if verb == "continue-launch" and not options.get("check")
    ]
    return [(options["run"], options["launched-by"]) for options in sent]


def expect_takeover(world: World, execute: Execute, run_id: str = "m1-c-2", **more: Any) -> None:
    """The next run takes over and migrates, without another launch."""
    result = run(execute, run_id, **more)
    assert result.status == "SUCCEEDED", result.cause
    assert count_launches(world) == 1
    assert not_finished(world) == []
    assert world.runs.read().suspended is None


def expect_new_launch(world: World, execute: Execute, reason: str) -> None:
    """The next run takes nothing over, launches its own replica, and migrates."""
    result = run(execute, "m1-c-2")
    assert result.status == "SUCCEEDED", result.cause
    assert count_launches(world) == 2
    assert reason in read_facts(world, "m1-c-2", "take-over")["taken_over"]
    assert not_finished(world) == []
