"""What a step of the window waits for, when it never comes: the run rolls back, and no later step has begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from common.clients.machines import CommandResult

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import TABLES
from tests.unit.procedure.world import World


def count_sent(world: World, wanted: str) -> int:
    return sum(verb == wanted for _, verb, _ in world.sent.values())


def expect_roll_back(world: World, execute: Execute, reason: str) -> None:
    result = execute("cutover")

    assert result.status == "FAILED"
    assert reason in result.cause["reason"]
    assert world.runs.read().decision == "rollback"
    assert world.source.accepts_writes
    assert world.mode_value == "scratch"


def test_no_target_starts_before_the_digests_of_its_rows_are_taken(world: World, execute: Execute) -> None:
    """An application that has started may write rows, which would differ from the source's."""
    world.change_count = 1

    def digest_until_the_freeze(_instance: str, _options: Mapping[str, Any]) -> CommandResult | None:
        is_frozen = world.source.database.name == "frozen"
        return None if is_frozen else CommandResult(ok=True, facts={"ok": True, "tables": TABLES})

    world.responses["digest-database"] = digest_until_the_freeze

    expect_roll_back(world, execute, "the digests of the rows that changed")

    assert world.runs.read().milestone == ""


def test_no_run_commits_while_the_replication_task_runs(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could apply old changes to the live data again."""
    monkeypatch.setattr(world, "stop", lambda: world.note("dms stop"))

    expect_roll_back(world, execute, "replication task rows to stop (it is running)")

    assert world.action_log.count("dms stop") > 1  # a request that had no effect is repeated


def test_no_run_commits_without_the_last_proof_that_the_database_is_closed(world: World, execute: Execute) -> None:
    def prove_once(_instance: str, _options: Mapping[str, Any]) -> CommandResult | None:
        return CommandResult(ok=True, facts={"ok": True}) if count_sent(world, "prove-frozen") == 1 else None

    world.responses["prove-frozen"] = prove_once

    expect_roll_back(world, execute, "to show that nothing was written since the marker")

    assert count_sent(world, "prove-frozen") == 2


def test_no_rows_are_compared_before_the_first_proof_that_the_database_is_closed(
    world: World, execute: Execute
) -> None:
    world.responses["prove-frozen"] = lambda *_: None

    expect_roll_back(world, execute, "the digests of what changed")


def test_equal_digests_of_fewer_tables_than_were_written_are_no_comparison(world: World, execute: Execute) -> None:
    """Both sides may leave the same table out."""
    complete = {"ok": True, "tables": TABLES}
    written = sorted(TABLES)
    first = {written[0]: TABLES[written[0]]}

    def digest(_instance: str, _options: Mapping[str, Any]) -> CommandResult:
        is_frozen = world.source.database.name == "frozen"
        return CommandResult(
            ok=True, facts={"ok": True, "tables": first, "digest": "a" * 32, "count": 1} if is_frozen else complete
        )

    world.responses["digest-database"] = digest
    world.responses["freeze-database"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "tables": written, "other_statements": 0}
    )

    expect_roll_back(world, execute, f"table {written[1]} was not compared")
