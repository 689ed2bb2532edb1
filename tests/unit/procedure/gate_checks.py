"""Checks that the tests of the gate share: the evidence of a run, and that nothing was frozen."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.procedure.machines import APP
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import World

RUN = "m1-cutover"
FREEZE = f"freeze on {APP}"


def read_evidence(world: World, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.files[f"runs/{RUN}/{name}.json"])
    return found


def require_not_frozen(world: World, result: Any) -> None:
    assert result.status == "FAILED"
    assert FREEZE not in world.action_log
    assert "the source was not touched" in result.cause["reason"]
    assert result.cause["next"]
    assert world.runs.read().waiting_for == ""
    assert left_undone(world) == []
