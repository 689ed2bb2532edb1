"""Of a large table only written rows are compared in the window."""

from __future__ import annotations

import json

import pytest
from common.clients.machines import CommandResult
from procedure.steps.table_digests import LARGE_TABLE_ROWS

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.digests import create_digests
from tests.unit.procedure.world import World

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
    world.responses["digest-database"] = lambda *_: create_digests(issue=LARGE_TABLE_ROWS + 1)
    _large(world)

    assert execute("cutover").status == "SUCCEEDED"

    assert _large(world)[2:] == [("issue", json.dumps(RANGES))] * 2
    assert json.loads(world.files["runs/m1-cutover/19-verify-changes.json"])["facts"]["by_keys"] == RANGES


@pytest.mark.parametrize(("settled", "ranges"), [((), ""), (("issue",), json.dumps(RANGES))])
def test_a_large_table_that_differed_is_compared_completely_unless_every_row_converged(
    world: World, execute: Execute, settled: tuple[str, ...], ranges: str
) -> None:
    looks = iter(range(100))
    world.responses["digest-database"] = lambda _, options: create_digests(
        issue=LARGE_TABLE_ROWS + (1 if options["side"] == "source" or next(looks) else 2)
    )
    _large(world, settled=settled)

    assert execute("cutover").status == "SUCCEEDED"

    assert _large(world)[2:] == [("issue", ranges)] * 2
    assert [options["settle"] for _, verb, options in world.sent.values() if verb == "stuck-rows"] == ["issue"]
