"""A step that repairs something looks again afterwards: a repair that does nothing stops the run before the freeze."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from common.clients.dms import TableState
from common.clients.machines import CommandResult
from procedure import plan

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import World

BEFORE_THE_FREEZE = {step.phase for step in plan.BEFORE_WINDOW}


def invalid_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """DMS's own validation finds rows that differ, after every load."""
    tables = world.list_tables

    def mismatched() -> list[TableState]:
        return [replace(table, validation="Mismatched records", failed_records=2) for table in tables()]

    monkeypatch.setattr(world, "list_tables", mismatched)


def different_rows(world: World, _: pytest.MonkeyPatch) -> None:
    """Source and target differ in a row, after every load."""

    def digests(_instance: str, options: Any) -> CommandResult:
        tables = {"user": {"rows": 5, "digest": "aa"}, "issue": {"rows": 40, "digest": options["side"]}}
        return CommandResult(ok=True, facts={"ok": True, "tables": tables})

    world.responses["digest-database"] = digests
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {"issue": 1}, "settled": []}
    )


def different_files(world: World, _: pytest.MonkeyPatch) -> None:
    """A file differs, after every copy."""
    world.responses["digest-files"] = lambda _, options: CommandResult(
        ok=True,
        facts={"ok": True, "what": "", "moment": "7.0:5.0", "digests": {"data/attachments": options["side"]}},
    )


def lower_numbers(world: World, _: pytest.MonkeyPatch) -> None:
    """The target does not take over a next number. The machine compares again itself."""
    world.responses["carry-counters"] = failing_response("the target did not take over the next numbers of issue")


@dataclass(frozen=True)
class Repair:
    made: str
    """the entry of the action log that shows the attempt"""
    spoil: Callable[[World, pytest.MonkeyPatch], None]
    reason: str


REPAIRS = {
    "tables that validation found different": Repair("dms reload", invalid_rows, "2 rows differ on the target"),
    "tables with rows that stay different": Repair("dms reload", different_rows, "also after a reload"),
    "files by content": Repair("delta on", different_files, "also after they were copied by content"),
    "next numbers": Repair("carry-counters on", lower_numbers, "did not take over the next numbers of issue"),
}


@pytest.mark.parametrize("name", REPAIRS)
def test_an_ineffective_repair_stops_the_run_before_the_freeze(
    name: str, world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a difference that the repair does not end
    repair = REPAIRS[name]
    repair.spoil(world, monkeypatch)

    result = execute("cutover")

    # Then it was tried, verified, and reported: what differs, where, what to do
    assert any(line.startswith(repair.made) for line in world.action_log)
    assert result.status == "FAILED"
    assert repair.reason in result.cause["reason"]
    assert result.cause["phase"] in BEFORE_THE_FREEZE
    assert result.cause["machine"]
    assert result.cause["next"]
    # And the source was never touched
    assert f"freeze on {APP}" not in world.action_log
    assert world.source.accepts_writes
    assert left_undone(world) == []


def test_every_change_of_target_data_before_the_freeze_is_a_known_repair(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new repair appears here first: with each difference given at once, nothing else is done than what the table names."""
    different_files(world, monkeypatch)
    world.responses["compare-files"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "different": {"total": 0, "names": []}, "changed_since": {"total": 0, "names": []}}
    )
    left = iter([1])  # one row that a new load repairs
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {"issue": next(left)} if world.loads == 1 else {}, "settled": []}
    )
    world.responses["digest-database"] = lambda _, options: CommandResult(
        ok=True,
        facts={"ok": True, "tables": {"issue": {"rows": 41 if options["side"] == "target" and world.loads == 1 else 40, "digest": "b"}}},
    )  # fmt: skip
    execute("cutover")

    until = world.action_log.index(f"freeze on {APP}")
    others = ("activate", "admit", "launch", "allow-delta", "prepare-forward")
    done = {line for line in world.action_log[:until] if not line.startswith(others)}
    made = tuple(repair.made for repair in REPAIRS.values())
    assert done
    assert [line for line in done if not line.startswith(made)] == []
