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
from common.clients.nodes import NodeProblem
from common.site_parameters import Replication
from cutover_site.errors import Refused

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP, DATABASE, FakeMachines
from tests.unit.procedure.source import FakeSource
from tests.unit.procedure.world import World

BOTH = ["source-app", "source-database"]


class OneServer(FakeSource):
    """The server with both roles, as the tool must behave on it."""

    def identify(self, role: str) -> dict[str, Any]:
        assert role == "app", "the database has no other server"
        return {"role": " and ".join(BOTH), "roles": BOTH, "site": "gogs"}

    def do(self, role: str, verb: str, options: Mapping[str, Any]) -> CommandResult | None:
        if role == "app" and verb == "freeze-database":
            return super().do("database", verb, options)
        if role == "app" and verb == "thaw":
            try:
                self.app.thaw(options["run"])
            except Refused as refused:  # before the database opens
                return CommandResult(ok=False, facts={"ok": False, "reason": str(refused), "next": refused.next_action})
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


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (
            {"roles": ["source-app"]},
            "it has source-app, not source-database: adopt it with --role source-database, or correct the node ids in migration.toml",
        ),
        (
            {"site": "wiki"},
            "it is prepared for the site wiki, not for gogs: finish or release the migration of wiki first, or correct site.name",
        ),
        ({"instance_id": "mi-0ffffffffffffffff"}, f"the command reached a machine that is mi-0ffffffffffffffff, not {APP}"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_a_server_that_the_settings_do_not_describe_is_one_sentence_and_nothing_changes(
    world: World, execute: Execute, kind: str, facts: dict[str, Any], reason: str
) -> None:
    check = FakeMachines.DATA["check"]
    world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **check, **facts})

    cause = execute(kind).cause

    assert (cause["reason"], cause["machine"]) == (reason, APP)
    assert not world.action_log
    assert {verb for _, verb, _ in world.sent.values()} == {"check"}


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_a_node_that_is_not_connected_gets_no_command(world: World, execute: Execute, kind: str) -> None:
    world.node_problems[APP] = NodeProblem("the node is not connected", "start it")

    cause = execute(kind).cause

    assert (cause["reason"], cause["machine"], cause["next"]) == ("the node is not connected", APP, "start it")
    assert not world.action_log
    assert not world.sent
