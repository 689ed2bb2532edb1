"""A whole run of a second application through both state machines: no port but HTTP, two schemas, other facts of its server."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from common.clients.dms import TableState
from common.clients.machines import CommandResult, build_command_line
from common.run import Run
from common.site_parameters import Target
from cutover_site.cli import build_parser
from cutover_site.verbs import ALL
from procedure.registry import Registry

from tests.second_application import NAME, second_application
from tests.unit.procedure.asl import Result, walk
from tests.unit.procedure.machines import FakeMachines
from tests.unit.procedure.safety import Safety
from tests.unit.procedure.world import SETTINGS, World

FACTS = {
    key: value for key, value in FakeMachines.DATA["check"].items() if key not in ("gogs", "hooks", "identity", "home")
}
DATA = {
    **FakeMachines.DATA,
    "check": {**FACTS, NAME: "active", "queue": []},
    "digest-database": {
        "tables": {"page": {"rows": 5, "digest": "aa"}, "tiny_users.mail": {"rows": 2, "digest": "bb"}}
    },
}


@pytest.fixture(autouse=True)
def profile(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(FakeMachines, "DATA", DATA)
    with second_application():
        yield


@dataclass
class OtherWorld(World):
    def read_target(self, given: Any) -> Target:
        return replace(super().read_target(given), tcp=())

    def list_tables(self) -> list[TableState]:
        (state, *_) = super().list_tables()
        places = [("tiny_content", "page"), ("tiny_users", "mail"), ("cutover", "marker")]
        return [replace(state, schema=schema, table=table) for schema, table in places]


def run(world: World, definitions: dict[str, Any], kind: str) -> Result:
    raw = {"run_id": f"m1-{kind}", "kind": kind, "cutover_id": "m1", "target": {}}
    world.run = Run.parse(raw)
    registry = Registry(replace(SETTINGS, application=NAME), world, world.clock, lambda *_: None)
    world.watchers.append(Safety(world))
    return walk(definitions[kind], {"run": raw, "memory": {}}, registry.invoke, world.clock.sleep)


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_a_run_succeeds_with_commands_that_its_machines_accept(definitions: dict[str, Any], kind: str) -> None:
    world = OtherWorld()
    assert run(world, definitions, kind).status == "SUCCEEDED"
    understood = build_parser(ALL, ports=[])
    for _, verb, options in world.sent.values():
        understood.parse_args(shlex.split(build_command_line(verb, options))[1:])  # exits where it does not know a word
        assert "ssh" not in options


def test_a_table_of_the_second_schema_is_reloaded_in_its_schema(definitions: dict[str, Any]) -> None:
    # Given a row that differs until its table is loaded again
    world = OtherWorld()

    def digests(_instance: str, options: Any) -> CommandResult:
        digest = options["side"] if world.loads == 1 else "bb"
        tables = {"page": {"rows": 5, "digest": "aa"}, "tiny_users.mail": {"rows": 2, "digest": digest}}
        return CommandResult(ok=True, facts={"ok": True, "tables": tables})

    def stuck(*_: Any) -> CommandResult:
        found = {"stuck": {"tiny_users.mail": 1}, "settled": []} if world.loads == 1 else {"stuck": {}, "settled": []}
        return CommandResult(ok=True, facts={"ok": True, **found})

    world.responses = {"digest-database": digests, "stuck-rows": stuck}

    # When a cutover runs
    result = run(world, definitions, "cutover")

    # Then replication was asked for that schema's table
    assert result.status == "SUCCEEDED"
    assert "dms reload tiny_users.mail" in world.action_log


def test_facts_of_the_first_application_are_not_required_of_the_second(
    definitions: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeMachines, "DATA", {**DATA, "check": {**FACTS, NAME: "failed"}})
    result = run(OtherWorld(), definitions, "cutover")
    assert result.status == "FAILED"
    reason = str(result.cause)
    assert "Tiny is failed, not active" in reason
    assert "its queue of jobs are not known" in reason
    assert "gogs" not in reason.lower()
