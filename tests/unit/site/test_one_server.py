"""One server with the application and its database: every verb serves both roles, in the order of two servers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.config import SourceDatabase
from cutover_site.errors import Refused
from cutover_site.freeze import database_server, switch
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore, disarm_for_application, open_database_store
from cutover_site.machine import Machine
from cutover_site.prefork import preload
from cutover_site.verbs import freeze as freeze_verbs
from cutover_site.verbs import source as source_verbs

from tests.unit.site.one_server import BOTH, RUN, VERBS, Server, build_server, freeze_application

Build = Callable[..., Server]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    return lambda roles=BOTH: build_server(tmp_path, monkeypatch, roles)


@pytest.fixture
def server(build: Any) -> Server:
    found: Server = build()
    return found


def freeze_both(machine: Machine, lease_until: float = 2_000_000_000.0) -> None:
    freeze_application(machine, lease_until)
    database_server.stop_source_writes(machine, RUN)


def read_states(machine: Machine) -> tuple[str, str]:
    return FreezeStore(machine.layout.freeze_file).read().name, open_database_store(machine).read().name


def run(verb: Any, machine: Machine, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = verb(machine, argparse.Namespace(run=RUN, **options))
    return found


def test_the_freeze_of_the_database_keeps_the_lease_of_the_application(server: Server) -> None:
    freeze_both(server)
    assert FreezeStore(server.layout.freeze_file).read().lease_until == 2_000_000_000.0
    assert server.timer == "until 2000000000"
    assert read_states(server) == ("frozen", "frozen")


def test_a_database_that_is_frozen_alone_arms_the_timer(server: Server) -> None:
    database_server.stop_source_writes(server, RUN)
    assert server.timer == "on"


def test_a_thaw_opens_the_database_then_the_application(server: Server) -> None:
    freeze_both(server)
    server.log.clear()
    facts = run(freeze_verbs.thaw, server)
    assert server.log == ["database open", "proxy open"]
    assert (facts["mode"], facts["was"], facts["database"]["was"]) == ("open", "frozen", "frozen")
    assert (read_states(server), server.timer) == (("open", "open"), "off")


def test_a_thaw_that_stopped_after_the_database_is_completed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze_both(server)
    with monkeypatch.context() as patch:
        patch.setattr("cutover_site.gogs.background.resume", lambda _machine: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(freeze_verbs.thaw, server)
    assert (read_states(server), server.timer) == (("frozen", "open"), "until 2000000000")
    run(freeze_verbs.thaw, server)
    assert (read_states(server), server.timer) == (("open", "open"), "off")


@pytest.mark.parametrize("state", ["forward", "other run"])
def test_a_thaw_that_the_application_refuses_does_not_open_the_database(server: Server, state: str) -> None:
    freeze_both(server)
    store = FreezeStore(server.layout.freeze_file)
    store.write(store.read().forward(RUN) if state == "forward" else FreezeState("frozen", "run-2", 1.0))
    server.log.clear()
    with pytest.raises(Refused, match="moved" if state == "forward" else "run-2"):
        run(freeze_verbs.thaw, server)
    assert server.log == []


def test_the_end_of_the_lease_decides_then_opens_the_database_then_the_application(server: Server) -> None:
    freeze_both(server, lease_until=1.0)
    server.log.clear()
    facts = run(freeze_verbs.check_lease, server)
    assert server.record.decision == Decision(RUN, "thaw")
    assert server.log == ["database open", "proxy open"]
    assert (facts["action"], facts["database"]["action"]) == ("thaw", "nothing")
    assert server.timer == "off"


def test_before_the_end_of_the_lease_the_database_follows_the_record(server: Server) -> None:
    freeze_both(server)
    assert run(freeze_verbs.check_lease, server)["database"]["action"] == "stay"
    server.record.decision = Decision(RUN, "rollback")
    assert run(freeze_verbs.check_lease, server)["database"]["action"] == "thaw"
    assert (read_states(server), server.timer) == (("frozen", "open"), "until 2000000000")


def test_a_committed_run_stays_frozen_after_the_lease(server: Server) -> None:
    freeze_both(server, lease_until=1.0)
    server.record.decision = Decision(RUN, "commit")
    server.log.clear()
    facts = run(freeze_verbs.check_lease, server)
    assert (facts["action"], facts["database"]["action"], server.log) == ("stay", "stay", [])


def test_an_unreachable_record_opens_nothing(server: Server) -> None:
    freeze_both(server, lease_until=1.0)
    server.record.is_reachable = False
    server.log.clear()
    with pytest.raises(switch.StillFrozen):
        run(freeze_verbs.check_lease, server)
    assert server.log == []


def test_the_database_follows_the_record_when_the_switch_of_the_application_fails(server: Server) -> None:
    freeze_both(server, lease_until=1.0)
    server.record.decision = Decision(RUN, "rollback")
    server.layout.freeze_file.write_text("damaged")
    with pytest.raises(Exception, match="damaged"):
        run(freeze_verbs.check_lease, server)
    assert not server.is_read_only


def test_a_forward_leaves_the_timer_to_the_database(server: Server) -> None:
    """On two servers the database server's timer goes on after the move, too."""
    freeze_both(server)
    disarm_for_application(server.layout)
    assert server.timer == "on"


def test_both_states_have_one_lock(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[Path] = []

    def hold(path: Path) -> Any:
        held.append(path)
        return nullcontext()

    monkeypatch.setattr("cutover_site.system.locks.hold_lock", hold)
    with open_database_store(server).hold_lock(), FreezeStore(server.layout.freeze_file).hold_lock():
        assert held == [server.layout.state / "freeze.lock"] * 2


@pytest.mark.parametrize("role", BOTH)
def test_a_server_with_one_role_has_one_state_as_before(build: Any, role: str) -> None:
    machine = build((role,))
    if role == "source-database":
        database_server.stop_source_writes(machine, RUN)
    else:
        freeze_application(machine)
    assert [path.name for path in machine.layout.state.glob("*.json")] == ["freeze.json"]
    run(freeze_verbs.thaw, machine)
    assert machine.log[-1] == ("database open" if role == "source-database" else "proxy open")
    assert machine.timer == "off"


@pytest.mark.parametrize(
    ("roles", "keys"),
    [
        (BOTH, {"mode", "freeze", "gogs", "health", "delta", "files", "repositories", "database"}),
        (("source-app",), {"mode", "freeze", "gogs", "health", "files", "repositories"}),
        (("source-database",), {"database"}),
    ],
)
def test_a_check_has_the_facts_of_each_role(
    build: Any, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...], keys: set[str]
) -> None:
    machine = build(roles)
    monkeypatch.setattr(f"{VERBS}.connect_as_administrator", lambda _machine: nullcontext())
    monkeypatch.setattr(f"{VERBS}.source_facts.read_source_facts", lambda *_: {"read_only": 0})
    monkeypatch.setattr(f"{VERBS}.survey", lambda *_, **__: SimpleNamespace(to_facts=lambda: {"bytes": 1}))
    monkeypatch.setattr(f"{VERBS}.delta_access.find_server_problem", lambda _machine: "")
    monkeypatch.setattr(f"{VERBS}.find_broken", lambda *_: {})
    monkeypatch.setattr(f"{VERBS}.Reader.from_owner", lambda _owner: None)
    monkeypatch.setattr("cutover_site.gogs.application.check", lambda _machine: {"hooks": []})
    monkeypatch.setattr(f"{VERBS}.systemd.read_state", lambda _unit: "active")
    monkeypatch.setattr(f"{VERBS}.health.find_application_problem", lambda _application: "")
    monkeypatch.setattr(f"{VERBS}.disks.read_usage", lambda *paths: {path: {} for path in paths})
    facts = run(source_verbs.check, machine)
    assert facts.keys() >= keys | {"instance_id", "role", "roles", "site", "disks"}
    assert ("database" in facts, "mode" in facts) == ("source-database" in roles, "source-app" in roles)
    assert facts["role"] == " and ".join(roles)
    assert ("/var/lib/mysql" in facts["disks"]) is ("source-database" in roles)


def test_the_worker_preloads_for_both_roles(server: Server) -> None:
    preloaded: list[str] = []
    server.__dict__["aws"] = SimpleNamespace(cache_secret=preloaded.append, get_client=preloaded.append)
    server.config.__dict__["source_database"] = SourceDatabase("db", 3306, "application")
    preload._load_secrets(server)
    preload._create_clients(server)
    assert (preloaded[0], set(preloaded[1:])) == ("application", {"dynamodb"})
