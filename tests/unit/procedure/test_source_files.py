"""What preflight makes of the survey of the source's files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from common.clients.machines import CommandResult
from procedure.logic.source_files import ADVICE, find_problems, list_warnings

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import APP, FakeMachines
from tests.unit.procedure.world import World

FINE: dict[str, Any] = FakeMachines.DATA["check"]


def survey(**changes: Any) -> dict[str, Any]:
    return {**FINE, "files": {**FINE["files"], **changes}}


def check(world: World, facts: dict[str, Any]) -> None:
    world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **facts})


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_files_that_would_be_lost_stop_the_run_with_advice(world: World, execute: Execute, kind: str) -> None:
    names = [f"repositories/alice/r{number}.git leads to /mnt/big" for number in range(5)]
    check(world, survey(lost={"link that leads out": {"total": 12, "names": names}}))

    result = execute(kind)

    assert result.status == "FAILED"
    assert "12 × link that leads out (repositories/alice/r0.git leads to /mnt/big, " in result.cause["reason"]
    evidence = json.loads(world.files[f"runs/m1-{kind}/02-preflight.json"])["facts"]
    assert "; and 7 more): move what it leads to into the site's folders" in evidence["reason"]
    assert result.cause["machine"] == APP
    assert not any(line.startswith(("launch", "freeze")) for line in world.action_log)


def test_files_that_were_not_examined_are_not_accepted(world: World, execute: Execute) -> None:
    check(world, {key: value for key, value in FINE.items() if key != "files"})

    assert "its files were not looked at" in execute("cutover").cause["reason"]


def test_a_broken_repository_is_a_warning_by_name(world: World, execute: Execute) -> None:
    broken = {"total": 1, "names": ["alice/old.git: fatal: missing object 1234"]}
    check(world, {**FINE, "repositories": {"broken": broken, "looked_at": 2, "not_looked_at": 0}})

    assert execute("cutover").status == "SUCCEEDED"

    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert "1 × broken repository (alice/old.git: fatal: missing object 1234)" in warning


def test_every_rejected_kind_of_file_has_advice() -> None:
    for kind, advice in ADVICE.items():
        (reason,) = find_problems(survey(lost={kind: {"total": 1, "names": ["a"]}}))
        assert reason == f"1 × {kind} (a): {advice}"


def test_files_that_were_not_examined_are_reported() -> None:
    looked = {**survey(complete=False), "repositories": {"broken": {"total": 0}, "not_looked_at": 7}}
    assert len(list_warnings(looked)) == 2
    assert list_warnings(FINE) == []
