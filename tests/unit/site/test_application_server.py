"""The freeze of the application server, with concurrent changes of the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision, RunRecordUnreachable
from cutover_site.errors import Refused
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.state import FreezeState
from cutover_site.layout import Layout
from cutover_site.machine import Machine

APPLICATION = "cutover_site.freeze.application_server"
BACKGROUND = "cutover_site.gogs.background"


class Proxy:
    """The proxy of one machine, with one write that does not end by itself."""

    def __init__(self, while_draining: Callable[[], None]) -> None:
        self.while_draining, self.cuts = while_draining, 0

    def count_sessions(self, _backend: str) -> int:
        self.while_draining()
        return 0 if self.cuts else 1

    def read_transferred(self, _backend: str) -> dict[str, int]:
        return {}

    def close_sessions(self, _backend: str) -> None:
        self.cuts += 1


class Record:
    """A run record with a given content, or an unreachable one."""

    def __init__(self, found: Decision | RunRecordUnreachable) -> None:
        self.found = found

    def read(self) -> Decision:
        if isinstance(self.found, RunRecordUnreachable):
            raise self.found
        return self.found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ApplicationServer:
    machine: Any = SimpleNamespace(layout=Layout(root=tmp_path), record=Record(Decision("run-1", "")))
    made = ApplicationServer(machine)
    made.modes = SimpleNamespace(switch=lambda _mode: None)  # type: ignore[assignment]
    monkeypatch.setattr(f"{APPLICATION}.processes.find", lambda _wanted: [1])
    for name in ("arm", "disarm"):
        monkeypatch.setattr(f"{APPLICATION}.lease.{name}", lambda *_: None)
    return made


def test_a_thaw_during_the_draining_ends_the_freeze_and_cuts_no_write(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.runtime = proxy = Proxy(lambda: server.store.write(FreezeState()))  # type: ignore[assignment]
    done: list[str] = []
    monkeypatch.setattr(f"{APPLICATION}.processes.end", lambda _wanted: done.append("processes ended"))
    monkeypatch.setattr(f"{BACKGROUND}.stop", lambda _machine, **_: done.append("background stopped"))

    with pytest.raises(Refused, match="does not hold a freeze"):
        server.stop_source_writes("run-1", 600, 60.0)

    assert done == []
    assert proxy.cuts == 0


def test_remaining_writes_are_cut_and_background_work_is_stopped(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.runtime = Proxy(lambda: None)  # type: ignore[assignment]
    monkeypatch.setattr(f"{APPLICATION}.processes.end", lambda _wanted: 3)
    monkeypatch.setattr(f"{BACKGROUND}.stop", lambda _machine, *, git_ended: git_ended)

    result = server.stop_source_writes("run-1", 600, 0.0)

    assert (result["cut"], result["processes_ended"], result["background_stopped"]) == (2, 3, True)
    assert server.store.read().run == "run-1"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Decision("run-1", "rollback"), "it is decided: rollback"),
        (Decision("run-1", "thaw"), "it is decided: thaw"),
        (Decision("run-1", "commit"), "it is decided: commit"),
        (Decision("run-2", ""), "the run record is about run run-2"),
        (Decision("", ""), r"the run record is about run \(none\)"),
        (RunRecordUnreachable("no table"), "cannot be read: no table"),
    ],
)
def test_a_freeze_of_a_decided_or_other_run_changes_nothing(
    server: ApplicationServer, found: Decision | RunRecordUnreachable, reason: str
) -> None:
    server.machine.record = Record(found)  # type: ignore[assignment]

    with pytest.raises(Refused, match=reason):
        server.stop_source_writes("run-1", 600, 60.0)

    assert server.store.read() == FreezeState()


def test_a_thaw_releases_held_webhooks_after_the_proxy_is_open(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    server.modes = SimpleNamespace(switch=lambda mode: done.append(f"proxy {mode}"), read_stored=lambda: "frozen")  # type: ignore[assignment]
    server.require_writable_database = lambda _machine: done.append("database checked")
    for name in ("resume", "release_webhooks"):
        monkeypatch.setattr(f"{BACKGROUND}.{name}", lambda _machine, name=name: done.append(name))
    server.store.write(FreezeState().freeze("run-1", 1.0))

    assert server.resume_source_writes("run-1") == {"mode": "open", "was": "frozen"}

    assert done == ["database checked", "resume", "proxy open", "release_webhooks"]
    assert server.store.read() == FreezeState()


def test_a_site_whose_database_is_read_only_stays_closed(server: ApplicationServer) -> None:
    def refuse(_machine: Machine) -> None:
        raise Refused("the source's database is still read-only")

    switched: list[str] = []
    server.modes = SimpleNamespace(switch=switched.append, read_stored=lambda: "frozen")  # type: ignore[assignment]
    server.require_writable_database = refuse
    frozen = FreezeState().freeze("run-1", 1.0)
    server.store.write(frozen)

    with pytest.raises(Refused, match="still read-only"):
        server.resume_source_writes("run-1")

    assert (switched, server.store.read()) == ([], frozen)
