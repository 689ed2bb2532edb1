"""A server with the application and its database, for the tests of the tool and of its contract with the procedure."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision, RunRecordUnreachable
from cutover_site.errors import Refused
from cutover_site.freeze import database_server, lease, switch
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.proxy.hold import Held
from cutover_site.verbs import freeze as freeze_verbs
from cutover_site.verbs import source as source_verbs

RUN, NODE = "run-1", "mi-0a1b2c3d4e5f60718"
BOTH = ("source-app", "source-database")
DATABASE = "cutover_site.freeze.database_server.database_freeze"
VERBS = "cutover_site.verbs.source"


class Record:
    """A run record; `thaw` decides unless there is a decision."""

    def __init__(self) -> None:
        self.decision = Decision(RUN, "")
        self.is_reachable = True

    def read(self) -> Decision:
        if not self.is_reachable:
            raise RunRecordUnreachable("no route")
        return self.decision

    def report_held(self, run: str) -> bool:
        return self.read() == Decision(run, "")

    def commit(self) -> None:
        self.decision = Decision(RUN, "commit")

    def decide_thaw(self, run: str) -> Decision:
        self.read()
        if not self.decision.decision:
            self.decision = Decision(run, "thaw")
        return self.decision


def record_of(machine: Machine) -> Record:
    """Return the fake record of a server."""
    found = machine.record
    assert isinstance(found, Record)
    return found


class Server(Machine):
    """A machine whose proxy, database and timer are fakes that log what happens to them, in order."""

    record: Any

    def __init__(self, root: Path, roles: tuple[str, ...] = BOTH) -> None:
        super().__init__(Layout(root))
        self.layout.site_file.parent.mkdir(parents=True)
        self.layout.site_file.write_text(
            json.dumps({"site": "s", "region": "eu-west-1", "node_id": NODE, "roles": roles})
        )
        self.__dict__ |= {"record": Record(), "replication": {}, "roles": roles, "instance_id": NODE}
        self.log: list[str] = []
        self.timer = "off"
        self.is_read_only = False


def build_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...] = BOTH) -> Server:
    """Return a server with these roles. Its proxy, database and timer are fakes."""
    machine = Server(tmp_path / "-".join(roles), roles)

    def set_read_only(*, on: bool) -> None:
        machine.is_read_only = on
        machine.log.append(f"database {'closed' if on else 'open'}")

    def switch_proxy(mode: str) -> None:
        machine.log.append(f"proxy {mode}")

    def stop_writes(*_: object) -> tuple[Any, int]:
        set_read_only(on=True)
        return SimpleNamespace(file="bin.1", position=4), 0

    def require_writable(_machine: Machine) -> None:
        if machine.is_read_only:
            raise Refused("the source's database is still read-only")

    def create(machine: Machine) -> ApplicationServer:
        made = ApplicationServer(machine, require_writable)
        made.modes = SimpleNamespace(switch=switch_proxy, read_stored=lambda: "frozen", read_running=lambda: "open")  # type: ignore[assignment]
        made.hold = SimpleNamespace(count_held=lambda: Held(0, 0), find_problem=lambda: "")  # type: ignore[assignment]
        return made

    def arm(_root: Path, lease_until: float) -> None:
        machine.timer = f"until {lease_until:.0f}" if lease_until else "on"

    def disarm(_root: Path) -> None:
        machine.timer = "off"

    monkeypatch.setattr("cutover_site.freeze.lease.arm", arm)
    monkeypatch.setattr("cutover_site.freeze.lease.disarm", disarm)
    monkeypatch.setattr(database_server, "connect_as_administrator", lambda _machine: nullcontext())
    monkeypatch.setattr(f"{DATABASE}.has_marker", lambda *_: False)
    monkeypatch.setattr(f"{DATABASE}.stop_writes", stop_writes)
    monkeypatch.setattr(f"{DATABASE}.resume_writes", lambda *_: set_read_only(on=False))
    for module in (freeze_verbs, switch, source_verbs):
        monkeypatch.setattr(module, "ApplicationServer", create)
    monkeypatch.setattr("cutover_site.gogs.background.resume", lambda _machine: False)
    monkeypatch.setattr("cutover_site.gogs.background.release_webhooks", lambda _machine: None)
    return machine


def freeze_application(machine: Machine, lease_until: float = 2_000_000_000.0) -> None:
    """Leave what `freeze` leaves (tests/unit/site/test_application_server.py): the state, and the timer with the end of the lease."""
    FreezeStore(machine.layout.freeze_file).write(FreezeState().freeze(RUN, lease_until))
    lease.arm(machine.layout.root, lease_until)
