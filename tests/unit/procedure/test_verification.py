"""Source and target are compared before the freeze, and in the window what changed since."""

from __future__ import annotations

import json
from typing import Any

from common.clients.machines import CommandResult

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.digests import create_digests
from tests.unit.procedure.machines import APP, REPLICA
from tests.unit.procedure.world import World


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
        return create_digests(issue=39 if behind else 40)

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
