"""Failures of machines and of the procedure's clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.clients.machines import CommandResult
from common.errors import StepFailed


def failing_response(reason: str) -> Callable[[str, Mapping[str, Any]], CommandResult]:
    return lambda _instance, _options: CommandResult(ok=False, facts={"ok": False, "reason": reason, "next": "look"})


def boom(reason: str) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise StepFailed(reason, machine="i-x", next_action="look")

    return fail
