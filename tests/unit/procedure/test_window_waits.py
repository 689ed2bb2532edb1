"""What a step of the window waits for, when it never comes: the run rolls back, and no later step has begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.errors import RetryableCommandError

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import TABLES, FakeMachines
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

    assert world.runs.read().milestone == "held"


def test_the_database_closes_and_files_are_copied_only_when_the_source_holds_writes(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both commands are sent with the freeze, and wait on their machines."""
    states: dict[str, str] = {}

    perform = world.source.do

    def do(role: str, verb: str, options: Mapping[str, Any]) -> CommandResult | None:
        states[verb] = f"{world.source.app.name}, {world.runs.read().milestone}"
        return perform(role, verb, options)

    monkeypatch.setattr(world.source, "do", do)

    assert execute("cutover").status == "SUCCEEDED"
    sent = [verb for _, verb, _ in world.sent.values()]
    assert sent.index("freeze") < sent.index("freeze-database") < sent.index("delta") < sent.index("stage")
    assert states["freeze"] == "open, "
    assert states["freeze-database"] == states["delta"] == "frozen, held"


def test_the_procedure_reports_held_writes_for_a_source_that_cannot(world: World, execute: Execute) -> None:
    world.source.can_report = False

    assert execute("cutover").status == "SUCCEEDED"


def test_a_machine_that_cannot_be_reached_at_the_freeze_gets_its_command_afterwards(
    execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    send = FakeMachines.send

    def send_later(machines: FakeMachines, instance_id: str, verb: str, options: Mapping[str, Any], **rest: Any) -> str:
        if verb in ("freeze-database", "delta") and verb not in refused:
            refused.append(verb)
            raise RetryableCommandError("the machine is not connected", machine=instance_id)
        return send(machines, instance_id, verb, options, **rest)

    monkeypatch.setattr(FakeMachines, "send", send_later)

    assert execute("cutover").status == "SUCCEEDED"
    assert refused == ["freeze-database", "delta"]


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
