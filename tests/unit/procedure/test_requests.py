"""What the proxies logged around the window is in the evidence of a run, and neither fails nor delays it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from common.clients.machines import CommandResult
from procedure.steps.requests import AFTER_SECONDS, BEFORE_SECONDS, LONGEST_SPAN_SECONDS, MAX_COLLECT_SECONDS

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP, TARGETS
from tests.unit.procedure.world import World

VERB = "count-requests"


def read(world: World, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.files[f"runs/m1-cutover/{name}.json"])
    return found


def find_step(world: World, name: str) -> dict[str, Any]:
    key = next(key for key in world.files if key.endswith(f"-{name}.json"))
    facts: dict[str, Any] = json.loads(world.files[key])["facts"]
    return facts


def list_sent(world: World) -> dict[str, dict[str, Any]]:
    return {machine: options for machine, verb, options in world.sent.values() if verb == VERB}


def test_a_committed_run_has_the_counts_of_the_source_and_of_each_target(world: World, execute: Execute) -> None:
    assert execute("cutover").status == "SUCCEEDED"

    sides = {machine: read(world, f"requests-{machine}")["requests_of"] for machine in (APP, *TARGETS)}
    assert sides == {APP: "source", TARGETS[0]: "target", TARGETS[1]: "target"}
    assert read(world, f"requests-{APP}")["rows"] == [[1]]
    assert set(find_step(world, "clean-up")["requests"]["written"]) == set(sides)


def test_the_time_that_is_counted_is_around_the_window_and_limited(world: World, execute: Execute) -> None:
    execute("cutover")

    frozen, opened = (float(list_sent(world)[APP][name]) for name in ("frozen", "opened"))
    commit = find_step(world, "commit")
    assert opened - frozen == pytest.approx(commit["window_seconds"], abs=0.01)
    source, target = list_sent(world)[APP], list_sent(world)[TARGETS[0]]
    assert float(source["begin"]) == pytest.approx(frozen - BEFORE_SECONDS, abs=0.01)
    assert opened <= float(source["end"]) <= opened + AFTER_SECONDS + 0.01
    assert float(target["begin"]) == opened, "before the commit only the acceptance suite reaches a target"
    assert float(source["end"]) - float(source["begin"]) <= LONGEST_SPAN_SECONDS


def test_nothing_is_counted_before_the_window_has_ended(world: World, execute: Execute) -> None:
    execute("cutover")

    verbs = [verb for _, verb, _ in world.sent.values()]
    assert verbs.index(VERB) > max(
        index for index, verb in enumerate(verbs) if verb in ("forward", "tidy", "deny-delta")
    )


def test_a_run_that_rolls_back_in_its_window_has_the_counts_of_the_source(world: World, execute: Execute) -> None:
    world.responses["delta"] = failing_response("link down")

    assert execute("cutover").status == "FAILED"

    assert set(list_sent(world)) == {APP}
    assert read(world, f"requests-{APP}")["requests_of"] == "source"
    verbs = [verb for _, verb, _ in world.sent.values()]
    assert verbs.index(VERB) > verbs.index("thaw"), "users wait for the source"


@pytest.mark.parametrize("kind", ["test-launch", "before the window"])
def test_a_run_without_a_window_counts_nothing(world: World, execute: Execute, kind: str) -> None:
    if kind == "before the window":
        world.responses["digest-database"] = failing_response("no space")
    execute("test-launch" if kind == "test-launch" else "cutover")

    assert list_sent(world) == {}


def test_a_machine_that_refuses_is_named_and_neither_fails_nor_warns(world: World, execute: Execute) -> None:
    world.responses[VERB] = lambda machine, _: CommandResult(
        ok=machine != APP, facts={"ok": False, "reason": "no journal"}
    )

    result = execute("cutover")

    assert result.status == "SUCCEEDED"
    assert find_step(world, "clean-up")["requests"]["missing"] == {APP: "no journal"}
    assert not find_step(world, "finish")["warnings"]


def test_a_machine_that_does_not_respond_delays_the_end_only_by_seconds(world: World, execute: Execute) -> None:
    world.responses[VERB] = lambda *_: None
    moments: dict[str, float] = {}

    result = execute("cutover", before=lambda step: moments.setdefault(step, world.clock.now()))

    assert result.status == "SUCCEEDED"
    assert moments["finish"] - moments["clean-up"] < MAX_COLLECT_SECONDS + 20
    missing = find_step(world, "clean-up")["requests"]["missing"]
    assert set(missing.values()) == {f"it did not respond within {MAX_COLLECT_SECONDS} s"}
