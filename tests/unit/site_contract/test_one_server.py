"""The fake of one server, with which the procedure is tested, behaves as the tool's verbs do on a machine with both roles."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from common.clients.machines import CommandResult
from cutover_site.errors import Refused
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore, open_database_store
from cutover_site.verbs import freeze as freeze_verbs
from cutover_site.verbs import source as source_verbs
from procedure.logic import source

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo
from tests.unit.procedure.test_one_server import OneServer
from tests.unit.site.one_server import NODE, RUN, Server, build_server, freeze_application, record_of

Facts = dict[str, Any]
FREEZE = {"run": RUN, "lease": 600}
SCRIPTS = [
    ["freeze", "freeze-database", "thaw"],
    ["freeze", "thaw"],
    ["freeze", "freeze-database", "thaw", "thaw"],
    ["freeze", "freeze-database", "thaw of another run"],
    ["freeze", "freeze-database", "commit", "forward", "thaw"],
    ["freeze", "freeze-database", "freeze-database"],
]
"""verbs of runs, and what happens between them"""


class Tool:
    """The tool on one machine with both roles."""

    def __init__(self, machine: Server) -> None:
        self.machine = machine
        self.verbs: dict[str, Callable[[], object]] = {
            "freeze": lambda: freeze_application(machine),
            "freeze-database": lambda: self._run(source_verbs.freeze_database, since="", after=""),
            "thaw": lambda: self._run(freeze_verbs.thaw),
            "thaw of another run": lambda: self._run(freeze_verbs.thaw, run="run-2"),
            "commit": lambda: record_of(machine).commit(),
            "forward": self._forward,
        }

    def _run(self, verb: Callable[..., Facts], run: str = RUN, **options: Any) -> Facts:
        return verb(self.machine, argparse.Namespace(run=run, **options))

    def _forward(self) -> None:
        store = FreezeStore(self.machine.layout.freeze_file)
        store.write(store.read().forward(RUN))

    def read_states(self) -> tuple[FreezeState, FreezeState]:
        return FreezeStore(self.machine.layout.freeze_file).read(), open_database_store(self.machine).read()


class Fake:
    """The procedure's fake of such a machine."""

    def __init__(self) -> None:
        self.dynamo = FakeDynamo()
        self.dynamo.items["gogs"] = {"run_id": {"S": RUN}}
        self.server = OneServer(self.dynamo, FakeClock(), lambda _what: None)

    def do(self, step: str) -> CommandResult | None:
        if step == "commit":
            self.dynamo.items["gogs"]["decision"] = {"S": "commit"}
            return None
        options = {**FREEZE, "run": "run-2"} if step == "thaw of another run" else FREEZE
        return self.server.do("app", step.partition(" ")[0], options)


Build = Callable[..., Server]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    return lambda *roles: build_server(tmp_path, monkeypatch, *roles)


@pytest.mark.parametrize("script", SCRIPTS, ids=" then ".join)
def test_both_accept_the_same_verbs_and_have_the_same_states(script: list[str], build: Build) -> None:
    tool, fake = Tool(build()), Fake()
    for step in script:
        result = fake.do(step)
        if result is not None and not result.ok:
            with pytest.raises(Refused):
                tool.verbs[step]()
        else:
            tool.verbs[step]()
        found = tool.read_states()
        assert [state.name for state in found] == [fake.server.app.name, fake.server.database.name], step


def test_preflight_accepts_what_the_tool_reports_about_itself(
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = build()
    monkeypatch.setattr(source_verbs, "_check_application", lambda _machine: {})
    monkeypatch.setattr(source_verbs, "_check_database", lambda _machine: {})
    facts = source_verbs.check(machine, argparse.Namespace())
    for role in ("source-app", "source-database"):
        assert source.find_identity_problems(facts, node_id=NODE, role=role, site="s") == []
    assert source.find_identity_problems(facts, node_id="mi-0ffffffffffffffff", role="source-app", site="s")
    assert source.find_identity_problems(facts, node_id=NODE, role="source-app", site="other")
    alone = source_verbs.check(build(("source-app",)), argparse.Namespace())
    assert source.find_identity_problems(alone, node_id=NODE, role="source-database", site="s")
    assert facts.keys() >= Fake().server.identify("app").keys()
