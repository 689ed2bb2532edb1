"""When hooks run, and what they get."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from common.hooks import POINTS
from common.run import Kind, Run
from procedure import evidence_names, hook_steps, plan
from procedure.dry_run import DryTools
from procedure.registry import Registry

from tests.unit.procedure.asl import Result, walk
from tests.unit.procedure.conftest import build_definitions
from tests.unit.procedure.hooks.sample_hooks import (
    FUNCTION,
    KINDS,
    MACHINES,
    break_before,
    create_function_hook,
    create_hook,
    list_sent,
)
from tests.unit.procedure.safety import not_finished
from tests.unit.procedure.world import SETTINGS, World


@pytest.mark.parametrize(
    ("point", "machine"), [(point.name, machine) for point in POINTS.values() for machine in point.machines]
)
def test_a_hook_runs_on_its_machine(world: World, run: Callable[..., Result], point: str, machine: str) -> None:
    kind = KINDS.get(point, "cutover")
    before = break_before("delta") if point == "on-rollback" else None
    result = run(kind, create_hook(point, machine), before=before)

    assert result.status == ("FAILED" if before else "SUCCEEDED"), result.cause
    ((instance, options),) = list_sent(world)
    assert instance == MACHINES[machine]
    given = json.loads(options["input"])
    assert (given["site"], given["run"], given["kind"], given["point"]) == ("gogs", f"m1-{kind}", kind, point)
    assert given["addresses"]["site_url"] == "http://git.example.com/"
    (entry,) = world.runs.read().hooks
    assert entry == {
        "name": f"{point}-{machine}",
        "point": point,
        "machine": instance,
        "seconds": 0.3,
        "outcome": "passed",
        "required": POINTS[point].can_fail_run,
        "line": "done",
    }
    assert json.loads(world.files[f"runs/m1-{kind}/hook-{point}-{machine}.json"])["lines"] == ["began", "done"]


def test_hooks_run_at_their_point(run: Callable[..., Result]) -> None:
    order: list[str] = []
    result = run("cutover", *(create_hook(point) for point in KINDS if point != "before-test"), before=order.append)

    assert result.status == "SUCCEEDED"
    steps = list(dict.fromkeys(order))
    for before, hooks, after in (
        ("accept-scratch", "hooks-after-acceptance", "mark-ready-for-cutover"),
        ("sync-auto-increment", "hooks-before-freeze", "freeze"),
        ("freeze-database", "hooks-after-freeze", "drain"),
        ("stop-replication", "hooks-before-commit", "commit"),
        ("point-name", "hooks-after-commit", "tidy"),
    ):
        assert steps.index(before) + 1 == steps.index(hooks) == steps.index(after) - 1


def test_hooks_of_one_point_run_in_the_order_of_the_file(world: World, run: Callable[..., Result]) -> None:
    hooks = [create_hook("before-freeze", machine) for machine in ("target", "source-app", "replica")]
    run("cutover", *hooks)

    assert [options["name"] for _, options in list_sent(world)] == [hook.name for hook in hooks]
    assert [entry["name"] for entry in world.runs.read().hooks] == [hook.name for hook in hooks]


def test_a_run_without_hooks_sends_nothing_and_writes_nothing(world: World, run: Callable[..., Result]) -> None:
    assert run("cutover").status == "SUCCEEDED"
    assert list_sent(world) == []
    assert "hooks" not in world.dynamo.items["gogs"]
    assert not_finished(world) == []


def test_a_point_without_a_hook_has_no_state() -> None:
    assert build_definitions() == build_definitions(hook_points=())
    names = {name for machine in build_definitions().values() for name in machine["States"]}
    assert not [name for name in names if name.startswith("Hooks")]
    with_one = build_definitions(hook_points=["before-freeze"])
    assert {name.partition(":")[0] for name in with_one["cutover"]["States"] if name.startswith("Hooks")} == {
        "Hooks before freeze"
    }
    assert with_one["test-launch"] == build_definitions()["test-launch"]


def test_every_point_is_in_the_plan_of_each_of_its_kinds() -> None:
    forward = {
        "test-launch": (*plan.TEST_LAUNCH, *plan.TEST_LAUNCH_ROLLBACK),
        "cutover": (*plan.CUTOVER, *plan.CUTOVER_ROLLBACK),
    }
    kinds: list[Kind] = ["test-launch", "cutover"]
    for kind in kinds:
        added = [
            step.name for step in hook_steps.add_hook_steps(kind, forward[kind], POINTS) if step not in forward[kind]
        ]
        assert added == [point.step for point in POINTS.values() if kind in point.kinds]


def test_the_evidence_sorts_in_the_order_of_the_procedure() -> None:
    steps = hook_steps.add_hook_steps("cutover", plan.CUTOVER, POINTS)
    names = [evidence_names.format_evidence_name("cutover", step.name) for step in steps]

    assert names == sorted(names)
    assert any(name.endswith(".5-hooks-after-freeze") for name in names)


def test_a_dry_run_calls_no_hook(world: World, definitions: dict[str, Any]) -> None:
    raw = {"run_id": "dry", "kind": "cutover", "cutover_id": "m1", "dry_run": True, "target": {}}
    reported: list[str] = []
    hooks = (create_hook("before-freeze"), create_function_hook("after-freeze"))
    tools = DryTools(world, Run.parse(raw), reported.append)
    registry = Registry(replace(SETTINGS, hooks=hooks), tools, world.clock, lambda *_: None)

    assert (
        walk(definitions["cutover"], {"run": raw, "memory": {}}, registry.invoke, world.clock.sleep).status
        == "SUCCEEDED"
    )
    assert any("cutover-site hook --run dry" in line for line in reported)
    assert any(line.startswith(f"call {FUNCTION}") for line in reported)
    assert list_sent(world) == []
