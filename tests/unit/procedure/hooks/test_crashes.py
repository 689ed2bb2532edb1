"""A hook runs once, also when the response about it or its whole step is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from common.errors import RetryableServiceError
from common.hooks import POINTS
from procedure.registry import Registry

from tests.unit.procedure.asl import FunctionError, Result
from tests.unit.procedure.hooks.sample_hooks import KINDS, create_hook, list_sent
from tests.unit.procedure.safety import left_undone, not_finished
from tests.unit.procedure.world import World


def test_a_hook_runs_once_although_its_step_is_repeated(world: World, run: Callable[..., Result]) -> None:
    writes = iter([True])
    update = world.runs.update_facts

    def lose_response(run_id: str, **facts: Any) -> Any:
        record = update(run_id, **facts)
        if "hooks" in facts and next(writes, False):
            raise RetryableServiceError("dynamodb:UpdateItem: no response")
        return record

    world.runs.update_facts = lose_response  # type: ignore[method-assign]
    result = run("cutover", create_hook("before-freeze"))

    assert result.status == "SUCCEEDED"
    assert len(list_sent(world)) == 1
    assert len(world.runs.read().hooks) == 1


class CrashAfter(Registry):
    """A registry of a function whose response is lost once, in the steps of hooks."""

    lost = 0

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        state = super().invoke(event)
        if event["step"].startswith("hooks-") and not type(self).lost:
            type(self).lost = 1
            raise FunctionError("Runtime.ExitError")
        return state


@pytest.mark.parametrize("point", KINDS)
def test_a_function_that_crashes_once_in_a_step_of_hooks(
    world: World, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(CrashAfter, "lost", 0)
    result = run(KINDS[point], create_hook(point), registry_class=CrashAfter)

    assert CrashAfter.lost
    assert result.status == "SUCCEEDED"
    assert len(world.runs.read().hooks) == 1


@pytest.mark.parametrize("point", KINDS)
def test_a_function_that_always_crashes_in_a_step_of_hooks(
    world: World, run: Callable[..., Result], point: str
) -> None:
    def crash(step: str) -> None:
        if step == POINTS[point].step:
            raise FunctionError("Runtime.ExitError")

    result = run(KINDS[point], create_hook(point), before=crash)

    if POINTS[point].can_fail_run:
        assert result.status == "FAILED"
        assert world.source.accepts_writes
        assert left_undone(world) == []
    else:
        assert result.status == "SUCCEEDED"
        assert not_finished(world) == []
