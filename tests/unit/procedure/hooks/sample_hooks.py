"""Hooks of a site's owner for tests, and the results of their programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.clients.machines import CommandResult
from common.hooks import POINTS, Hook
from common.run import Kind

from tests.unit.procedure.failures import boom
from tests.unit.procedure.machines import APP, DATABASE, REPLICA, TARGETS
from tests.unit.procedure.world import World

MACHINES = {"source-app": APP, "source-database": DATABASE, "replica": REPLICA, "target": TARGETS[0]}
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:announce"
KINDS: Mapping[str, Kind] = {
    "before-test": "test-launch",
    **dict.fromkeys(["after-acceptance", "before-freeze", "after-freeze", "before-commit", "after-commit"], "cutover"),
}
REQUIRED = [name for name, point in POINTS.items() if point.can_fail_run]


def create_hook(point: str, machine: str = "source-app", **values: Any) -> Hook:
    known = {"name": f"{point}-{machine}", "seconds": 2, "required": POINTS[point].can_fail_run, **values}
    return Hook(point=point, machine=machine, command="/usr/local/sbin/hook", **known)


def create_function_hook(point: str, **values: Any) -> Hook:
    known = {"name": point, "seconds": 2, "required": True, **values}
    return Hook(point=point, function=FUNCTION, **known)


def fail_with(code: int | None, line: str) -> Callable[[str, Mapping[str, Any]], CommandResult]:
    outcome = "timed-out" if code is None else "failed"
    facts = {"ok": True, "outcome": outcome, "exit_code": code, "seconds": 1.5, "lines": ["first", line]}
    return lambda _instance, _options: CommandResult(ok=True, facts=facts)


def list_sent(world: World) -> list[tuple[str, dict[str, Any]]]:
    return [(instance, options) for instance, verb, options in world.sent.values() if verb == "hook"]


def break_before(step: str) -> Callable[[str], None]:
    def fail(now: str) -> None:
        if now == step:
            boom("it broke here")()

    return fail
