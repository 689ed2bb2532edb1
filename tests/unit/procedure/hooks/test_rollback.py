"""Hooks of the roll back: the source serves before they run, and they change no result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.clients.machines import CommandResult

from tests.unit.procedure.asl import Result
from tests.unit.procedure.hooks.sample_hooks import break_before, create_hook, fail_with, list_sent
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import World


def test_the_source_serves_before_a_hook_of_the_roll_back_runs(world: World, run: Callable[..., Result]) -> None:
    serving: list[bool] = []

    def look(_instance: str, _options: Mapping[str, Any]) -> CommandResult:
        serving.append(world.source.accepts_writes)
        return CommandResult(ok=True, facts={"ok": True, "outcome": "passed", "lines": []})

    world.responses["hook"] = look
    run("cutover", create_hook("on-rollback"), before=break_before("accept-live"))

    assert serving
    assert all(serving)


def test_no_hook_of_the_roll_back_runs_while_the_source_may_be_frozen(world: World, run: Callable[..., Result]) -> None:
    facts = {"ok": False, "reason": "the disk is read-only"}
    world.responses["thaw"] = lambda _instance, _options: CommandResult(ok=False, facts=facts)
    result = run("cutover", create_hook("on-rollback"), before=break_before("delta"))

    assert list_sent(world) == []
    assert "not known to serve again" in str(result.cause["warnings"])


def test_a_hook_of_the_roll_back_that_fails_is_a_warning(world: World, run: Callable[..., Result]) -> None:
    world.responses["hook"] = fail_with(1, "no mail server")
    result = run("test-launch", create_hook("on-rollback"), before=break_before("await-image"))

    assert result.cause["reason"] == "it broke here"
    assert "no mail server" in str(result.cause["warnings"])
    assert left_undone(world) == []
