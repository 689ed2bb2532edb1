"""Rows are digested on several connections where a server has idle cores."""

from __future__ import annotations

from dataclasses import replace

import pytest
from common.clients.machines import CommandResult

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import FakeMachines
from tests.unit.procedure.world import World


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
