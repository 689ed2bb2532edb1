from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template
from common.run import Kind, Run
from procedure import hook_steps, plan
from procedure.registry import Observer, Registry
from state_machines.machine import ProcedureMachine

from tests.unit.procedure.asl import Result, walk
from tests.unit.procedure.safety import Safety
from tests.unit.procedure.world import SETTINGS, World

Execute = Callable[..., Result]


@pytest.fixture(scope="session")
def definitions() -> dict[str, Any]:
    """Both state machines, as they are deployed."""
    return build_definitions()


def build_definitions(
    *,
    has_provider_events: bool = False,
    names_elsewhere: bool = False,
    has_gate: bool = False,
    hook_points: Collection[str] = (),
) -> dict[str, Any]:
    """Return both state machines by kind of run, as they are deployed.

    With a provider that sends events or none, a zone in Route 53 or not, a gate or none, and hooks at these points.
    """
    stack = Stack(App(context={"aws:cdk:bundling-stacks": []}), "Stack")
    function = lambda_.Function(
        stack, "F", code=lambda_.Code.from_inline("x"), handler="index.x", runtime=lambda_.Runtime.PYTHON_3_13
    )
    forward = (*plan.list_steps_before_window(has_gate=has_gate), *plan.WINDOW)
    kinds: dict[str, Kind] = {"TestLaunch": "test-launch", "Cutover": "cutover"}
    for name, steps, after, back in (
        ("TestLaunch", plan.TEST_LAUNCH, (), plan.TEST_LAUNCH_ROLLBACK),
        (
            "Cutover",
            forward,
            plan.list_steps_after_commit(names_elsewhere=names_elsewhere),
            plan.CUTOVER_ROLLBACK,
        ),
    ):
        kind = kinds[name]
        ProcedureMachine(
            stack,
            name,
            function=function,
            forward=hook_steps.add_hook_steps(kind, steps, hook_points),
            after=hook_steps.add_hook_steps(kind, after, hook_points),
            back=hook_steps.add_hook_steps(kind, back, hook_points),
            has_provider_events=has_provider_events,
        )
    found = {}
    for logical_id, resource in Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine").items():
        parts = resource["Properties"]["DefinitionString"]["Fn::Join"][1]
        text = "".join(part if isinstance(part, str) else "function" for part in parts)
        found[re.split("ProcedureMachine|Machine", logical_id)[0]] = json.loads(text)
    return {"test-launch": found["TestLaunch"], "cutover": found["Cutover"]}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def execute(world: World, execute_in: Callable[[World], Execute]) -> Execute:
    return execute_in(world)


@pytest.fixture
def execute_in(definitions: dict[str, Any]) -> Callable[[World], Execute]:
    return lambda world: partial(run_machine, world, definitions)


def run_machine(
    world: World,
    definitions: dict[str, Any],
    kind: str,
    run_id: str = "",
    *,
    before: Callable[[str], None] | None = None,
    observe: Observer = lambda *_: None,
    registry_class: type[Registry] = Registry,
    **given: Any,
) -> Result:
    """Runs a whole state machine in the world. `before(step)` is called before each invocation of a step; `observe` hears what becomes of it."""
    raw = {"run_id": run_id or f"m1-{kind}", "kind": kind, "cutover_id": "m1", "target": {}, **given}
    world.run = Run.parse(raw)
    registry = registry_class(SETTINGS, world, world.clock, observe)
    world.watchers.append(Safety(world))

    def call(event: dict[str, Any]) -> Any:
        if before is not None:
            before(event["step"])
        return registry.invoke(event)

    return walk(definitions[kind], {"run": raw, "memory": {}}, call, world.clock.sleep)


def collect_warnings(reported: list[tuple[str, str]]) -> Observer:
    """Return an observer that adds each warning to `reported`, with the name of its step."""
    return lambda step, outcome, facts: reported.extend(
        (step.name, text) for text in (facts["warnings"] if outcome == "warned" else [])
    )
