"""A dry run walks the same procedure and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from common.run import Run
from procedure.dry_run import DryTools
from procedure.registry import Registry

from tests.unit.procedure.asl import walk
from tests.unit.procedure.world import SETTINGS, World


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_a_dry_run_reports_every_action_and_performs_none(world: World, definitions: dict[str, Any], kind: str) -> None:
    raw = {"run_id": "dry", "kind": kind, "cutover_id": "m1", "dry_run": True, "target": {}}
    reported: list[str] = []
    tools = DryTools(world, Run.parse(raw), reported.append)
    registry = Registry(SETTINGS, tools, world.clock, lambda *_: None)

    result = walk(definitions[kind], {"run": raw, "memory": {}}, registry.invoke, world.clock.sleep)

    assert result.status == "SUCCEEDED", result.cause
    assert world.action_log == []
    assert set(world.dynamo.items) == {"gogs#dry-run"}
    assert world.runs.read().run_id == ""
    assert any("start a" in line for line in reported)
    for change in ("mark m-1 as ready for its cutover", "end the replication of m-1 for good"):
        assert (change in reported) == (kind == "cutover")


def test_a_dry_run_works_while_a_real_run_holds_the_lock(world: World, definitions: dict[str, Any]) -> None:
    world.runs.acquire("real", "cutover", seconds=900)
    raw = {"run_id": "dry", "kind": "cutover", "cutover_id": "m1", "dry_run": True, "target": {}}
    registry = Registry(SETTINGS, DryTools(world, Run.parse(raw), print), world.clock, lambda *_: None)

    assert (
        walk(definitions["cutover"], {"run": raw, "memory": {}}, registry.invoke, world.clock.sleep).status
        == "SUCCEEDED"
    )
    assert world.runs.read().run_id == "real"


def test_another_dry_run_can_follow_at_once(world: World, definitions: dict[str, Any]) -> None:
    for number in range(2):
        raw = {"run_id": f"dry-{number}", "kind": "cutover", "cutover_id": "m1", "dry_run": True, "target": {}}
        registry = Registry(SETTINGS, DryTools(world, Run.parse(raw), print), world.clock, lambda *_: None)

        result = walk(definitions["cutover"], {"run": raw, "memory": {}}, registry.invoke, world.clock.sleep)

        assert result.status == "SUCCEEDED", result.cause
