"""What the failure of a hook on a machine does to the run."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from common.clients.machines import CommandResult

from tests.unit.procedure.asl import Result
from tests.unit.procedure.hooks.sample_hooks import KINDS, REQUIRED, create_hook, fail_with, list_sent
from tests.unit.procedure.machines import APP
from tests.unit.procedure.people import FakePeople
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import World


@pytest.mark.parametrize("point", REQUIRED)
def test_a_required_hook_that_fails_rolls_the_run_back(world: World, run: Callable[..., Result], point: str) -> None:
    world.responses["hook"] = fail_with(3, "users are still in the shop")
    result = run(KINDS[point], create_hook(point), create_hook(point, name="never"))

    assert result.status == "FAILED"
    assert result.cause["reason"] == f"hook {point}-source-app ended with 3: users are still in the shop"
    assert result.cause["machine"] == APP
    assert result.cause["phase"] == f"Hooks {point.replace('-', ' ')}"
    assert world.source.accepts_writes
    assert left_undone(world) == []
    assert [entry["outcome"] for entry in world.runs.read().hooks] == ["failed"]
    assert len(list_sent(world)) == 1
    assert any(name.endswith(f"/hook-{point}-source-app.json") for name in world.files)
    # And the next run comes to its end
    del world.responses["hook"]
    assert run(KINDS[point], create_hook(point), run_id="m2").status == "SUCCEEDED"


@pytest.mark.parametrize("point", KINDS)
def test_a_hook_that_is_not_required_is_a_warning(world: World, run: Callable[..., Result], point: str) -> None:
    world.responses["hook"] = fail_with(1, "no such table")
    result = run(KINDS[point], create_hook(point, required=False))

    assert result.status == "SUCCEEDED"
    (warning,) = json.loads(world.files[f"runs/m1-{KINDS[point]}/outputs.json"])["warnings"]
    assert f"hook {point}-source-app ended with 1: no such table" in warning


def test_a_hook_that_exceeds_its_limit_is_a_failure(run: Callable[..., Result], world: World) -> None:
    world.responses["hook"] = fail_with(None, "still waiting")
    result = run("cutover", create_hook("before-freeze"))

    assert result.cause["reason"] == "hook before-freeze-source-app did not end within 2 s: still waiting"


@pytest.mark.parametrize(("point", "most"), [("after-freeze", 5.0), ("before-freeze", 30.0)])
def test_a_machine_that_returns_nothing_is_not_waited_for(
    world: World, run: Callable[..., Result], point: str, most: float
) -> None:
    world.responses["hook"] = lambda _instance, _options: None
    moments: dict[str, float] = {}
    result = run(
        "cutover",
        create_hook(point, required=False),
        before=lambda step: moments.setdefault(step, world.clock.now()) and None,
    )

    assert result.status == "SUCCEEDED"
    following = {"after-freeze": "drain", "before-freeze": "freeze"}[point]
    assert moments[following] - moments[f"hooks-{point}"] < most
    assert world.runs.read().hooks[0]["outcome"] == "timed-out"


@pytest.mark.parametrize("is_required", [True, False])
def test_a_machine_that_cannot_be_reached(world: World, run: Callable[..., Result], is_required: bool) -> None:
    world.unreachable = lambda _instance, verb, _options: verb == "hook"
    result = run("cutover", create_hook("before-freeze", required=is_required))

    assert result.status == ("FAILED" if is_required else "SUCCEEDED")
    assert world.source.accepts_writes == is_required


def test_a_program_that_the_machine_refuses(world: World, run: Callable[..., Result]) -> None:
    facts = {"ok": False, "reason": "/usr/local/sbin/hook may be changed by others"}
    world.responses["hook"] = lambda _instance, _options: CommandResult(ok=False, facts=facts)
    result = run("cutover", create_hook("before-freeze"))

    assert "may be changed by others" in result.cause["reason"]


def test_the_warning_about_a_hook_in_the_window_is_sent_after_it(world: World, run: Callable[..., Result]) -> None:
    people = FakePeople(world)
    world.people_messages = people
    world.responses["hook"] = fail_with(1, "no such table")
    run("cutover", create_hook("after-freeze", required=False), create_hook("before-commit", required=False))

    assert people.events == ["frozen", "committed", "warning"]
    assert people.get("warning").subject == "2 warnings"
