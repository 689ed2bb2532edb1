"""A file that differs is never committed: every way in which a difference that was found once could be forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from common.clients.machines import CommandResult
from procedure.logic.verification import compare_files
from procedure.steps.file_differences import COPIES, EVERYTHING, serialize_names

from tests.unit.procedure.asl import FunctionError
from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import APP, REPLICA
from tests.unit.procedure.world import World

NAME = "repositories/alice/big.git"


def digests(world: World, **by_side: str) -> None:
    """The results of the full comparison; in the window both sides are the same."""
    world.responses["digest-files"] = lambda _, options: CommandResult(
        ok=True,
        facts={
            "ok": True,
            "what": "files",
            "moment": "7.0:5.0",
            "digests": {NAME: "same" if "since" in options else by_side[options["side"]]},
        },
    )


def compared(*totals: int) -> Any:
    """What `compare-files` says, one after the other, then the last for ever."""
    left = list(totals)

    def respond(*_: Any) -> CommandResult:
        total = left.pop(0) if len(left) > 1 else left[0]
        names = [f"{NAME}/HEAD"] if total else []
        found = {"different": {"total": total, "names": names}, "changed_since": {"total": 2, "names": ["x", "y"]}}
        return CommandResult(ok=True, facts={"ok": True, **found})

    return respond


def sent(world: World, verb: str) -> list[Mapping[str, Any]]:
    return [options for _, name, options in world.sent.values() if name == verb]


def test_a_file_that_still_differs_after_the_copy_stops_the_run_before_the_freeze(
    world: World, execute: Execute
) -> None:
    # Given two trees that no copy makes equal
    digests(world, source="1", live="2")

    result = execute("cutover")

    # Then the run ends with what, where and what to do, after a bounded number of tries
    assert result.status == "FAILED"
    assert (
        f"1 files differ on source and target, also after they were copied by content: {NAME}" in result.cause["reason"]
    )
    assert result.cause["machine"] == REPLICA
    assert "/mnt/efs/live" in result.cause["next"]
    assert f"freeze on {APP}" not in world.action_log
    assert len([options for options in sent(world, "delta") if options.get("checksum")]) == len(COPIES)


def test_recently_changed_files_converge_on_a_busy_site(world: World, execute: Execute) -> None:
    # Given a bucket of repositories of which one changes all the time: its line differs for ever
    digests(world, source="1", live="2")
    world.responses["compare-files"] = compared(0)

    assert execute("cutover").status == "SUCCEEDED"

    # Then the replica was asked about that line, and for changes since the comparison began
    (asked,) = sent(world, "compare-files")
    assert (json.loads(asked["lines"]), asked["since"]) == ([NAME], "7.0:5.0")
    verified = json.loads(world.files["runs/m1-cutover/12-verify-files.json"])["facts"]
    assert verified["files_copied_by_content"]["changed_since"]["total"] == 2


def test_files_changed_between_copy_and_comparison_are_copied_again(world: World, execute: Execute) -> None:
    digests(world, source="1", live="2")
    world.responses["compare-files"] = compared(3, 0)

    assert execute("cutover").status == "SUCCEEDED"
    assert len([options for options in sent(world, "delta") if options.get("checksum")]) == 2


def test_a_response_without_a_file_result_is_not_a_comparison(world: World, execute: Execute) -> None:
    digests(world, source="1", live="2")
    world.responses["compare-files"] = lambda *_: CommandResult(ok=True, facts={"ok": True})

    result = execute("cutover")

    assert "were not compared again" in result.cause["reason"]
    assert f"freeze on {APP}" not in world.action_log


def test_file_differences_are_kept_while_tables_are_reloaded(world: World, execute: Execute) -> None:
    # Given files that differ for ever, and rows for which `verify` starts again
    digests(world, source="1", live="2")
    tables = {"user": {"rows": 5, "digest": "aa"}, "issue": {"rows": 40, "digest": "bb"}}

    def rows(_: str, options: Mapping[str, Any]) -> CommandResult:
        behind = options["side"] == "target" and world.loads == 1
        changed = {**tables, "issue": {"rows": 41, "digest": "bb"}} if behind else tables
        return CommandResult(ok=True, facts={"ok": True, "tables": changed})

    world.responses["digest-database"] = rows
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {"issue": 1} if world.loads == 1 else {}, "settled": []}
    )

    result = execute("cutover")

    assert result.status == "FAILED"
    assert "files differ on source and target" in result.cause["reason"]
    assert f"freeze on {APP}" not in world.action_log


def test_file_differences_survive_a_crash_between_copy_and_comparison(world: World, execute: Execute) -> None:
    # Given a function that dies in `verify` after each command that it sends
    digests(world, source="1", live="2")
    crashes = iter([True, True, True])

    def die(what: str) -> None:
        if what.startswith("delta on") and next(crashes, False):
            raise FunctionError("Sandbox.Timedout", "the function died")

    world.watchers.append(die)

    result = execute("cutover")

    assert result.status == "FAILED"
    assert f"freeze on {APP}" not in world.action_log


def test_a_difference_in_the_window_is_rolled_back(world: World, execute: Execute) -> None:
    world.responses["digest-files"] = lambda _, options: CommandResult(
        ok=True,
        facts={
            "ok": True,
            "what": "",
            "moment": "7.0:5.0",
            "digests": {NAME: options["side"] if "since" in options else "same"},
        },
    )

    result = execute("cutover")

    assert result.status == "FAILED"
    assert "files of source and target differ after the delta" in result.cause["reason"]
    assert world.runs.read().decision == "rollback"


def test_without_change_tracking_earlier_differences_are_compared_in_the_window(world: World, execute: Execute) -> None:
    digests(world, source="1", live="2")
    world.responses["compare-files"] = compared(0)

    assert execute("cutover").status == "SUCCEEDED"

    in_window = [options for options in sent(world, "digest-files") if "since" in options]
    assert [json.loads(options["whole"]) for options in in_window] == [[NAME], [NAME]]


def test_too_many_lines_to_list_mean_that_all_files_are_compared() -> None:
    few = {f"repositories/a/{number}.git": "1" for number in range(3)}
    many = {f"repositories/a/{number}.git": "1" for number in range(400)}
    assert json.loads(serialize_names(compare_files({"digests": few}, {"digests": dict.fromkeys(few, "2")}))) == sorted(
        few
    )
    assert serialize_names(compare_files({"digests": many}, {"digests": dict.fromkeys(many, "2")})) == EVERYTHING


def test_a_response_of_any_depth_is_compared() -> None:
    deep: dict[str, Any] = {"leaf": 1}
    for _ in range(5000):
        deep = {"a": deep}
    assert compare_files({"digests": deep}, {"digests": deep}).different == {}


@pytest.mark.parametrize("verb", ["compare-files"])
def test_a_failed_comparison_stops_the_run(world: World, execute: Execute, verb: str) -> None:
    digests(world, source="1", live="2")
    world.responses[verb] = lambda *_: CommandResult(ok=False, facts={"ok": False, "reason": "the clock was set"})

    assert execute("cutover").cause["reason"] == "the clock was set"
    assert f"freeze on {APP}" not in world.action_log
