"""A source whose database is on the application server: one managed node with both roles.

The procedure sends a verb once to each node. So one `check` returns the facts of both roles, one `attend` serves the verbs of
both, and one `thaw` opens the database first, then the application. The tool on such a server must do that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.site_parameters import Replication

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP, DATABASE
from tests.unit.procedure.source import FakeSource
from tests.unit.procedure.world import World


class OneServer(FakeSource):
    """The server with both roles, as the tool must behave on it."""

    def do(self, role: str, verb: str, options: Mapping[str, Any]) -> CommandResult | None:
        if role == "app" and verb == "freeze-database":
            return super().do("database", verb, options)
        if role == "app" and verb == "thaw":
            opened = super().do("database", verb, options)
            return super().do("app", verb, options) if opened and opened.ok else opened
        return super().do(role, verb, options)


class OneServerWorld(World):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.clock.alarms.remove(self.source)
        self.source = OneServer(self.dynamo, self.clock, self.changed)
        self.clock.alarms.append(self.source)

    def read_replication(self) -> Replication:
        return replace(super().read_replication(), source_database_instance_id=APP)


@pytest.fixture
def world() -> World:
    return OneServerWorld()


@pytest.fixture
def execute(world: World, execute_in: Callable[[World], Execute]) -> Execute:
    return execute_in(world)


def test_a_cutover_succeeds_and_sends_each_verb_of_a_step_once(world: World, execute: Execute) -> None:
    assert execute("cutover").status == "SUCCEEDED"
    sent = Counter(verb for machine, verb, _ in world.sent.values() if machine == APP)
    assert (sent["check"], sent["attend"], sent["freeze"], sent["freeze-database"]) == (1, 1, 1, 1)
    assert DATABASE not in {machine for machine, _, _ in world.sent.values()}


@pytest.mark.parametrize("verb", ["freeze", "freeze-database", "wait-marker", "delta", "activate"])
def test_a_failure_in_the_window_opens_both_with_one_thaw(world: World, execute: Execute, verb: str) -> None:
    respond = failing_response("it broke")
    world.responses[verb] = lambda machine, options: (
        CommandResult(ok=True, facts={"ok": True}) if options.get("mode") == "scratch" else respond(machine, options)
    )

    assert execute("cutover").cause["reason"] == "it broke"

    assert world.source.accepts_writes
    assert world.action_log.count(f"thaw on {APP}") == 1
