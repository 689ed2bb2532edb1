"""Tables with divergent rows are reloaded before the freeze; what stays different stops the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from common.clients.dms import RELOAD_AT_ONCE
from common.clients.machines import CommandResult
from common.settings import Limits

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.digests import create_digests, select_tables
from tests.unit.procedure.machines import APP
from tests.unit.procedure.world import SETTINGS, World


def test_tables_that_an_earlier_run_changed_on_the_target_are_reloaded(world: World, execute: Execute) -> None:
    world.responses["digest-database"] = lambda _, options: select_tables(
        options, create_digests(issue=41 if options["side"] == "target" and world.loads == 1 else 40)
    )
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {"issue": 1} if world.loads == 1 else {}, "settled": []}
    )

    result = execute("cutover")

    assert result.status == "SUCCEEDED"
    assert [line for line in world.action_log if line.startswith("dms")] == ["dms reload gogs.issue", "dms stop"]
    verified = json.loads(world.files["runs/m1-cutover/11-verify.json"])["facts"]
    assert (verified["tables_equal"], verified["tables_loaded_anew"]) == (2, ["gogs.issue"])


@pytest.mark.parametrize(("lag", "patience"), [(None, 310), (0.5, 71), (20.0, 110), (200.0, 310)])
def test_divergent_rows_are_observed_for_longer_than_the_replication_lag(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch, lag: float | None, patience: int
) -> None:
    settings = replace(SETTINGS, limits=Limits(replication_lag=300))
    monkeypatch.setattr("tests.unit.procedure.conftest.SETTINGS", settings)
    world.lag_seconds = lag
    world.responses["digest-database"] = lambda _, options: create_digests(
        issue=41 if options["side"] == "target" else 40
    )
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {"issue": 1}, "settled": []}
    )

    execute("cutover")

    watched = [options["patience"] for _, verb, options in world.sent.values() if verb == "stuck-rows"]
    assert watched
    assert set(watched) == {patience}


def test_tables_are_reloaded_in_batches_that_fit_one_request(world: World, execute: Execute) -> None:
    names = [f"t{number:02}" for number in range(RELOAD_AT_ONCE + 2)]
    world.replicated = tuple(names)

    def differing() -> list[str]:
        return names[RELOAD_AT_ONCE * (world.loads - 1) :]

    def digests(_: str, options: Mapping[str, Any]) -> CommandResult:
        extra = differing() if options["side"] == "target" else []
        return CommandResult(
            ok=True,
            facts={"ok": True, "tables": {name: {"rows": 2 if name in extra else 1, "digest": "x"} for name in names}},
        )

    world.responses["digest-database"] = digests
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": dict.fromkeys(differing(), 1), "settled": []}
    )

    result = execute("cutover")

    assert result.status == "SUCCEEDED", result.cause
    asked = [line.removeprefix("dms reload ").split(", ") for line in world.action_log if line.startswith("dms reload")]
    assert [len(tables) for tables in asked] == [RELOAD_AT_ONCE, 2]
    assert [name for tables in asked for name in tables] == [f"gogs.{name}" for name in names]


def test_a_persistent_difference_stops_the_run_before_the_freeze(world: World, execute: Execute) -> None:
    world.responses["digest-database"] = lambda _, options: create_digests(
        issue=41 if options["side"] == "target" else 40
    )
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {"issue": 1}, "settled": []}
    )

    result = execute("cutover")

    assert "1 rows of issue, also after a reload" in result.cause["reason"]
    assert "issue: 40 rows on the source, 41 on the target" in result.cause["reason"]
    assert f"freeze on {APP}" not in world.action_log
