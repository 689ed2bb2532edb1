"""What nobody can repair is decided while the source still serves: a step before the freeze stops the run, and nothing of it is new later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from common.clients.machines import CommandResult
from common.errors import StepFailed
from procedure import evidence_names, plan

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import APP, DATABASE, REPLICA, FakeMachines
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.service_fakes import FakeName
from tests.unit.procedure.world import World

CHECK: dict[str, Any] = FakeMachines.DATA["check"]
Given = Callable[[World, pytest.MonkeyPatch], None]


def a_file_that_differs(world: World, _: pytest.MonkeyPatch) -> None:
    world.responses["digest-files"] = lambda _, options: CommandResult(
        ok=True, facts={"ok": True, "what": "", "moment": "7.0:5.0", "digests": {"data/attachments": options["side"]}}
    )


def check(**changes: Any) -> Given:
    """What `check` finds on the machine, beside what is in order."""

    def given(world: World, _: pytest.MonkeyPatch) -> None:
        facts = {key: {**CHECK.get(key, {}), **change} for key, change in changes.items()}
        world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **CHECK, **facts})

    return given


def a_record_set_that_cannot_be_moved(_: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise StepFailed("git.example.com has a record set that cannot be moved", machine="Z1", next_action="remove it")

    monkeypatch.setattr(FakeName, "probe", refuse)


LINK = {"link that leads out": {"total": 1, "names": ["repositories/alice/r.git leads to /mnt/big"]}}
PROBLEMS: dict[str, tuple[Given, str, str]] = {
    "a file that differs and cannot be repaired": (a_file_that_differs, "Verify", REPLICA),
    "a link that leads out of the site": (check(files={"lost": LINK}), "Preflight", APP),
    "a collation without an equal on the target": (
        check(database={"target_refuses": ["table issue has the collation x, which the target does not know"]}),
        "Preflight",
        DATABASE,
    ),
    "a user that cannot be locked out": (
        check(database={"accounts_not_held": ["root@% writes in spite of read_only and cannot be locked"]}),
        "Preflight",
        DATABASE,
    ),
    "a prepared transaction that belongs to no thread": (
        check(database={"prepared_transactions": ["'x'"]}),
        "Preflight",
        DATABASE,
    ),
    "a table without a primary key": (
        check(database={"tables_without_primary_key": ["gogs.old"]}),
        "Preflight",
        DATABASE,
    ),
    "a record set that cannot be moved": (a_record_set_that_cannot_be_moved, "Preflight", "Z1"),
}
"""what is given; the phase that decides it, the machine (or zone) that it names"""


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_stops_the_run_before_the_freeze(
    problem: str, world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the problem
    given, phase, where = PROBLEMS[problem]
    given(world, monkeypatch)

    result = execute("cutover")

    # Then the run says what, where and what to do
    assert result.status == "FAILED"
    assert (result.cause["phase"], result.cause["machine"]) == (phase, where)
    assert result.cause["reason"]
    assert result.cause["next"]
    # And the source has served all the time
    assert not {step.name for step in (*plan.WINDOW, *plan.AFTER_COMMIT)} & began(world)
    assert f"freeze on {APP}" not in world.action_log
    assert left_undone(world) == []


def began(world: World) -> set[str]:
    """Steps that left evidence."""
    numbered = {evidence_names.format_evidence_name("cutover", step.name): step.name for step in plan.CUTOVER}
    names = {key.rsplit("/", 1)[1].removesuffix(".json") for key in world.files}
    return {numbered[name] for name in names if name in numbered}


def test_a_target_that_already_serves_the_live_data_stops_the_run(world: World, execute: Execute) -> None:
    """Somebody has set the parameter by hand: an instance that starts now would write to the live data."""
    world.mode_value = "live"

    result = execute("cutover")

    assert result.status == "FAILED"
    assert "the target is in mode live before the commit" in result.cause["reason"]
    assert world.source.accepts_writes
