"""A site of hundreds or thousands of tables: every answer fits into what Systems Manager hands over, and the state into an execution's."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))

from common.clients.machines import LONGEST_OUTPUT, CommandResult, build_command_line, interpret
from common.run import Run
from cutover_site.database.digest import TableDigest
from cutover_site.database.digest_pages import read_page, summarize
from cutover_site.layout import Layout
from cutover_site.result_size import fit_result, serialize
from procedure.logic.table_names import MAX_NAME_BYTES, fit_all_names, split_names, take_first_names
from procedure.registry import Registry

from tests.unit.procedure.asl import Result, walk
from tests.unit.procedure.machines import APP
from tests.unit.procedure.world import SETTINGS, World

MOST_STATE = 64 * 1024
"""bytes; Step Functions takes 256 KB"""
MOST_COMMAND = 64 * 1024
"""bytes of a command line"""
SIZES = (300, 3000)
Walk = Callable[[World], tuple[Result, int]]


class Replica:
    """Answers as the tool does, through its limits and Systems Manager's, about two sides that hold these tables."""

    def __init__(self, world: World, root: Path, tables: Collection[str]) -> None:
        self._world, self._layout, self.tables = world, Layout(root), tables
        self.different: set[str] = set()
        """on the target before the freeze, until tables are reloaded"""
        self.different_in_window: set[str] = set()
        self.longest = 0

    def digest_database(self, _instance: str, options: Mapping[str, Any]) -> CommandResult:
        names = options["tables"].split(",") if options["tables"] else self.tables
        changed = self._differing() if options["side"] == "target" else set()
        found = {name: TableDigest(rows=7, digest=_digest(name, name in changed), seconds=0.1) for name in names}
        return self._answer("digest-database", {"side": options["side"], **summarize(self._layout, found)})

    def table_digests(self, _instance: str, options: Mapping[str, Any]) -> CommandResult:
        lines = read_page(self._layout, options["of"], options["page"])
        return self._answer("table-digests", {"page": options["page"], "tables": lines})

    def _differing(self) -> set[str]:
        if f"freeze on {APP}" in self._world.action_log:
            return self.different_in_window
        return self.different if self._world.loads == 1 else set()

    def _answer(self, verb: str, facts: dict[str, Any]) -> CommandResult:
        line = serialize(fit_result({"ok": True, **facts}, verb))
        self.longest = max(self.longest, len(line))
        return interpret(verb, "Success", line[:LONGEST_OUTPUT], "")


def _digest(name: str, changed: bool) -> str:
    return hashlib.sha256(f"{name} {changed}".encode()).hexdigest()[:32]


@pytest.fixture
def cut_over(definitions: dict[str, Any]) -> Walk:
    """Return the result of a cutover and the size of the largest state, in bytes."""

    def run(world: World) -> tuple[Result, int]:
        raw = {"run_id": "m1-cutover", "kind": "cutover", "cutover_id": "m1", "target": {}}
        world.run = Run.parse(raw)
        registry, sizes = Registry(SETTINGS, world, world.clock, lambda *_: None), [0]

        def call(event: dict[str, Any]) -> Any:
            memory = registry.invoke(event)
            sizes.append(len(json.dumps({"run": raw, "memory": memory}).encode()))
            return memory

        return walk(definitions["cutover"], {"run": raw, "memory": {}}, call, world.clock.sleep), max(sizes)

    return run


@pytest.fixture(params=SIZES)
def replica(world: World, tmp_path: Path, request: pytest.FixtureRequest) -> Replica:
    found = Replica(world, tmp_path, [f"table_of_a_large_site_{number:04}" for number in range(request.param)])
    world.responses["digest-database"] = found.digest_database
    world.responses["table-digests"] = found.table_digests
    return found


def test_equal_tables_are_migrated_and_all_their_digests_are_in_the_evidence(
    world: World, replica: Replica, cut_over: Walk
) -> None:
    world.responses["freeze-database"] = _log_without_names

    result, largest = cut_over(world)

    # Then all tables were compared, before the freeze and in the window
    assert result.status == "SUCCEEDED", result.cause
    verified, window = _facts(world, "11-verify"), _facts(world, "19-verify-changes")
    assert set(verified["digests"]) == set(replica.tables)
    assert verified["tables_equal"] == len(replica.tables)
    assert window["tables_digest"]["count"] == len(replica.tables)
    # And nothing was too long for those who carried it
    assert replica.longest < LONGEST_OUTPUT
    assert largest < MOST_STATE


def test_equal_tables_need_no_page_of_differences_in_the_window(world: World, replica: Replica, cut_over: Walk) -> None:
    world.responses["freeze-database"] = _log_without_names
    pages_of: list[str] = []

    def read(instance: str, options: Mapping[str, Any]) -> CommandResult:
        pages_of.append("window" if f"freeze on {APP}" in world.action_log else "before")
        return replica.table_digests(instance, options)

    world.responses["table-digests"] = read

    cut_over(world)

    assert set(pages_of) <= {"before"}


def test_tables_that_differ_before_the_freeze_are_named_and_compared_in_the_window(
    world: World, replica: Replica, cut_over: Walk
) -> None:
    replica.different = {"table_of_a_large_site_0000", "table_of_a_large_site_0299"}

    result, largest = cut_over(world)

    assert result.status == "SUCCEEDED", result.cause
    verified = _facts(world, "11-verify")
    assert set(verified["tables_to_compare_again"]) == replica.different
    assert verified["tables_equal"] == len(replica.tables) - 2
    assert _facts(world, "19-verify-changes")["tables"] == sorted(replica.different)
    assert replica.longest < LONGEST_OUTPUT
    assert largest < MOST_STATE


def test_a_table_that_differs_in_the_window_is_named_and_the_run_is_rolled_back(
    world: World, replica: Replica, cut_over: Walk
) -> None:
    world.responses["freeze-database"] = _log_without_names
    replica.different_in_window = {"table_of_a_large_site_0170"}

    result, largest = cut_over(world)

    assert result.status == "FAILED"
    assert "table_of_a_large_site_0170: 7 rows on both sides, of different content" in result.cause["reason"]
    assert world.source.accepts_writes
    assert replica.longest < LONGEST_OUTPUT
    assert largest < MOST_STATE


def test_when_every_table_differs_all_are_observed_and_compared_again(
    world: World, replica: Replica, cut_over: Walk
) -> None:
    replica.different = set(replica.tables)

    result, largest = cut_over(world)

    # Then each was watched for rows that stay different, by commands that are not too long
    assert result.status == "SUCCEEDED", result.cause
    watched = [options["tables"] for _, verb, options in world.sent.values() if verb == "stuck-rows"]
    assert {name for tables in watched for name in tables.split(",")} == set(replica.tables)
    commands = [build_command_line(verb, options) for _, verb, options in world.sent.values()]
    assert max(len(line) for line in commands) < MOST_COMMAND
    # And the window compared every one of them
    window = _facts(world, "19-verify-changes")
    assert (window["tables"], window["tables_digest"]["count"]) == ("all", len(replica.tables))
    assert largest < MOST_STATE


def test_reloading_tables_keeps_the_others_in_the_evidence(world: World, replica: Replica, cut_over: Walk) -> None:
    replica.different = {"table_of_a_large_site_0007"}
    stuck = iter([{"table_of_a_large_site_0007": 1}])
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": next(stuck, {}) if world.loads == 1 else {}, "settled": []}
    )
    world.replicated = tuple(replica.tables)

    result, largest = cut_over(world)

    assert result.status == "SUCCEEDED", result.cause
    verified = _facts(world, "11-verify")
    (earlier,) = verified["digests_of_earlier_comparisons"]
    listed = {*json.loads(world.files[earlier])["tables"], *verified["digests"]}
    assert listed == set(replica.tables)
    assert (verified["tables_equal"], verified["rows"]) == (len(replica.tables), 7 * len(replica.tables))
    assert largest < MOST_STATE


def test_an_incomplete_list_is_not_a_comparison(world: World, replica: Replica, cut_over: Walk) -> None:
    replica.different = {"table_of_a_large_site_0007"}
    whole = replica.digest_database

    def one_more(instance: str, options: Mapping[str, Any]) -> CommandResult:
        answer = whole(instance, options)
        return CommandResult(ok=True, facts={**answer.facts, "count": answer.facts["count"] + 1, "pages": 1})

    world.responses["digest-database"] = one_more
    world.responses["table-digests"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "tables": {"a": {"rows": 1}}}
    )

    result, _ = cut_over(world)

    assert "the machine returned 1" in result.cause["reason"]
    assert f"freeze on {APP}" not in world.action_log


def test_lists_of_names_are_bounded_and_complete() -> None:
    names = {f"{'ж' * 60}{number}" for number in range(300)}

    batches = list(split_names(names))

    assert [name for batch in batches for name in batch] == sorted(names)
    assert all(sum(len(name.encode()) + 1 for name in batch) <= MAX_NAME_BYTES for batch in batches)
    assert take_first_names(names) == batches[0]
    assert fit_all_names(names) is None
    assert fit_all_names(batches[0]) == batches[0]
    assert take_first_names([]) == []


def _log_without_names(*_: Any) -> CommandResult:
    """The source's log does not name the tables that were written: all are compared in the window."""
    return CommandResult(ok=True, facts={"ok": True, "tables": [], "other_statements": 1})


def _facts(world: World, name: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(world.files[f"runs/m1-cutover/{name}.json"])["facts"]
    return facts
