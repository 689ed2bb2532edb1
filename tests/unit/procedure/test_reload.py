"""The reload of tables: it has ended when DMS reports a load that is later than the one before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from procedure.state.state import State
from procedure.steps.reload import list_reloading, reload_tables

from tests.unit.procedure.contexts import build_context
from tests.unit.procedure.world import World

NAME = "gogs.user"


@pytest.fixture
def state(world: World) -> State:
    """The state of a run that has requested the reload of a table."""
    found = State()
    context = build_context(world, "verify", run_id="m1-c-1", state=found)
    assert reload_tables(context, [NAME])
    assert found.comparison.reloaded_tables == {NAME: 1.0}
    return found


def list_loading(world: World, state: State) -> list[str]:
    return list_reloading(build_context(world, "verify", run_id="m1-c-1", state=state))


def test_a_reload_ends_with_a_later_load(world: World, state: State) -> None:
    assert list_loading(world, state) == []


def test_a_table_that_still_has_its_former_load_is_being_reloaded(world: World, state: State) -> None:
    """DMS reports the state of the former load until it begins the new one."""
    world.loads = 1

    assert list_loading(world, state) == [NAME]


def test_a_table_that_is_being_loaded_or_is_not_listed_is_being_reloaded(
    world: World, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = world.list_tables()

    monkeypatch.setattr(world, "list_tables", lambda: [replace(one, state="Full load") for one in tables])
    assert list_loading(world, state) == [NAME]

    monkeypatch.setattr(world, "list_tables", list)
    assert list_loading(world, state) == [NAME]


def test_a_table_is_reloaded_once_in_a_run(world: World, state: State) -> None:
    assert not reload_tables(build_context(world, "verify", run_id="m1-c-1", state=state), [NAME])
    assert sum(line.startswith("dms reload") for line in world.action_log) == 1
