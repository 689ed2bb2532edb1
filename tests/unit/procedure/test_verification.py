"""What source and target are compared by, before the freeze and in the window, and what becomes of a difference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from common.clients.dms import RELOAD_AT_ONCE
from common.clients.machines import CommandResult
from common.settings import Limits
from procedure.steps import comparison

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import APP, REPLICA, FakeMachines
from tests.unit.procedure.world import SETTINGS, World


def test_files_that_differ_are_copied_by_content_before_the_freeze(world: World, execute: Execute) -> None:
    def whole() -> bool:
        return any(verb == "delta" for _, verb, _ in world.sent.values())

    world.responses["digest-files"] = lambda _instance, options: CommandResult(
        ok=True,
        facts={
            "ok": True,
            "what": "",
            "moment": f"{options['side']}:1",
            "digests": {"data/lfs-objects": "whole" if whole() or options["side"] == "source" else "damaged"},
        },
    )

    assert execute("cutover").status == "SUCCEEDED"

    copied = [
        (instance, options)
        for instance, verb, options in world.sent.values()
        if verb == "delta" and "checksum" in options
    ]
    assert [(instance, options["checksum"]) for instance, options in copied] == [(REPLICA, True)]
    assert world.action_log.index(f"delta on {REPLICA}") < world.action_log.index(f"freeze on {APP}")
    looked_at = [
        (verb, options.get("side", ""), options["since"])
        for _, verb, options in world.sent.values()
        if "since" in options
    ]
    since = "source:1"
    assert [one for one in looked_at if one[0] in ("delta", "digest-files", "compare-files")] == [
        ("compare-files", "", since),
        ("delta", "", since),
        ("digest-files", "source", since),
        ("digest-files", "live", since),
    ]


def test_data_that_is_not_migrated_is_reported(world: World, execute: Execute) -> None:
    check = FakeMachines.DATA["check"]
    seen = {**check, "database": {**check["database"], "not_carried": ["view busiest", "trigger stamp"]}}
    world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **seen})

    assert execute("cutover").status == "SUCCEEDED"

    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert "view busiest; trigger stamp" in warning


def test_sign_in_by_reverse_proxy_header_is_reported(world: World, execute: Execute) -> None:
    check = FakeMachines.DATA["check"]
    expected = "the site signs users in by a header; a proxy still sends one: 10.0.3.7 (12 requests)"
    seen = {**check, "identity": {"enabled": True, "problem": "", "warning": expected}}
    world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **seen})

    assert execute("cutover").status == "SUCCEEDED"

    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert expected in warning


def test_a_table_that_changed_is_compared_again_in_the_window(world: World, execute: Execute) -> None:
    def change(step: str) -> None:
        world.change_count += step == "freeze"

    execute("cutover", before=change)

    again = [options["tables"] for _, verb, options in world.sent.values() if verb == "digest-database"]
    assert again == ["", "", "issue", "issue"]


def test_rows_still_being_replicated_are_compared_in_the_window(world: World, execute: Execute) -> None:
    looks = iter(range(100))

    def late(_instance: str, options: Any) -> CommandResult:
        behind = options["side"] == "target" and next(looks) == 0
        return _digests(issue=39 if behind else 40)

    world.responses["digest-database"] = late

    execute("cutover")

    looked = [
        options["tables"] for _, verb, options in world.sent.values() if verb in ("digest-database", "stuck-rows")
    ]
    assert looked == ["", "", "issue", "issue", "issue"]
    verified = json.loads(world.files["runs/m1-cutover/11-verify.json"])["facts"]
    assert (verified["tables_equal"], verified["tables_to_compare_again"]) == (
        1,
        {"issue": "40 rows on the source, 39 on the target"},
    )


def test_when_the_log_does_not_name_tables_all_are_compared_again(world: World, execute: Execute) -> None:
    world.responses["freeze-database"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "tables": [], "other_statements": 1}
    )

    execute("cutover")

    again = [options["tables"] for _, verb, options in world.sent.values() if verb == "digest-database"]
    assert again == ["", "", "", ""]


def _digest_connections(world: World) -> list[tuple[str, str, object]]:
    """Return side, tables and number of connections of each digest of rows."""
    return [
        (options["side"], options["tables"], options.get("connections"))
        for _, verb, options in world.sent.values()
        if verb == "digest-database"
    ]


def _set_cores(world: World, monkeypatch: pytest.MonkeyPatch, *, idle: int | None, target: int) -> None:
    stored = world.read_replication()
    monkeypatch.setattr(World, "read_replication", lambda _: replace(stored, database_cores=target))
    position = {**FakeMachines.DATA["changed-tables"], "idle_cores": idle}
    if idle is None:
        del position["idle_cores"]
    world.responses["changed-tables"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **position})


@pytest.mark.parametrize(
    ("idle", "target", "expected"),
    [
        (2, 2, (2, 2)),
        (3, 1, (3, None)),
        (0, 2, (None, 2)),
        (1, 64, (None, 4)),
        (16, 0, (4, None)),
        (None, 2, (None, None)),
    ],
)
def test_rows_are_digested_on_as_many_connections_as_a_server_has_idle_cores(
    world: World,
    execute: Execute,
    monkeypatch: pytest.MonkeyPatch,
    idle: int | None,
    target: int,
    expected: tuple[int | None, int | None],
) -> None:
    """None as `idle`: the tool on the machines does not count cores, and does not know the option."""
    _set_cores(world, monkeypatch, idle=idle, target=target)

    assert execute("cutover").status == "SUCCEEDED"

    assert _digest_connections(world)[:2] == [("source", "", expected[0]), ("target", "", expected[1])]


def test_the_window_opens_one_connection_for_what_was_written(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set_cores(world, monkeypatch, idle=2, target=2)

    def change(step: str) -> None:
        world.change_count += step == "freeze"

    execute("cutover", before=change)

    assert _digest_connections(world)[2:] == [("source", "issue", None), ("target", "issue", None)]


def test_the_window_opens_several_connections_when_every_table_is_compared(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set_cores(world, monkeypatch, idle=2, target=3)
    world.responses["freeze-database"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "tables": [], "other_statements": 1}
    )

    execute("cutover")

    assert _digest_connections(world)[2:] == [("source", "", 2), ("target", "", 3)]


RANGES = {"issue": [[7, 9]]}


def _large(world: World, *, settled: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Two large tables are there, of which one was written; tables and ranges of what is digested in the window afterwards."""
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {}, "settled": list(settled)}
    )
    world.responses["freeze-database"] = lambda _, options: CommandResult(
        ok=True,
        facts={
            "ok": True,
            "tables": ["issue"],
            "other_statements": 0,
            "ranges": RANGES if "issue" in options["keys"].split(",") else {},
        },
    )
    return [
        (options["tables"], options["ranges"]) for _, verb, options in world.sent.values() if verb == "digest-database"
    ]


def test_only_written_rows_of_a_large_table_are_compared_in_the_window(world: World, execute: Execute) -> None:
    world.responses["digest-database"] = lambda *_: _digests(issue=comparison.LARGE + 1)
    _large(world)

    assert execute("cutover").status == "SUCCEEDED"

    assert _large(world)[2:] == [("issue", json.dumps(RANGES))] * 2
    assert json.loads(world.files["runs/m1-cutover/19-verify-changes.json"])["facts"]["by_keys"] == RANGES


@pytest.mark.parametrize(("settled", "ranges"), [((), ""), (("issue",), json.dumps(RANGES))])
def test_a_large_table_that_differed_is_compared_completely_unless_every_row_converged(
    world: World, execute: Execute, settled: tuple[str, ...], ranges: str
) -> None:
    looks = iter(range(100))
    world.responses["digest-database"] = lambda _, options: _digests(
        issue=comparison.LARGE + (1 if options["side"] == "source" or next(looks) else 2)
    )
    _large(world, settled=settled)

    assert execute("cutover").status == "SUCCEEDED"

    assert _large(world)[2:] == [("issue", ranges)] * 2
    assert [options["settle"] for _, verb, options in world.sent.values() if verb == "stuck-rows"] == ["issue"]


def _digests(**rows: int) -> CommandResult:
    tables = {"user": {"rows": 5, "digest": "aa"}, "issue": {"rows": 40, "digest": "bb"}}
    return CommandResult(
        ok=True, facts={"ok": True, "tables": {n: {**t, "rows": rows.get(n, t["rows"])} for n, t in tables.items()}}
    )


def _asked(options: Mapping[str, Any], answer: CommandResult) -> CommandResult:
    """Of the tables that were asked for, as the real verb."""
    names = options["tables"].split(",") if options["tables"] else answer.facts["tables"]
    return CommandResult(
        ok=True, facts={**answer.facts, "tables": {name: answer.facts["tables"][name] for name in names}}
    )


def test_tables_that_an_earlier_run_changed_on_the_target_are_reloaded(world: World, execute: Execute) -> None:
    world.responses["digest-database"] = lambda _, options: _asked(
        options, _digests(issue=41 if options["side"] == "target" and world.loads == 1 else 40)
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
    world.responses["digest-database"] = lambda _, options: _digests(issue=41 if options["side"] == "target" else 40)
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
    world.responses["digest-database"] = lambda _, options: _digests(issue=41 if options["side"] == "target" else 40)
    world.responses["stuck-rows"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, "stuck": {"issue": 1}, "settled": []}
    )

    result = execute("cutover")

    assert "1 rows of issue, also after a reload" in result.cause["reason"]
    assert "issue: 40 rows on the source, 41 on the target" in result.cause["reason"]
    assert f"freeze on {APP}" not in world.action_log


def test_an_application_changed_since_the_test_launch_stops_the_run_before_the_freeze(
    world: World, execute: Execute
) -> None:
    world.responses["digest-program"] = lambda instance, _options: CommandResult(
        ok=True,
        facts={"ok": True, "digests": {"opt/gogs/custom/templates": "new" if instance == APP else "old", "same": "1"}},
    )

    done = execute("cutover")

    assert done.status == "FAILED"
    assert "opt/gogs/custom/templates: new on the source, old on the target" in str(done.cause)
    assert f"freeze on {APP}" not in world.action_log


def test_a_missing_application_version_is_not_equal(world: World, execute: Execute) -> None:
    world.responses["digest-program"] = lambda instance, _options: CommandResult(
        ok=True, facts={"ok": True, "digests": {"opt/gogs/gogs": "1"} if instance == APP else {}}
    )
    assert execute("cutover").status == "FAILED"
    assert f"freeze on {APP}" not in world.action_log
