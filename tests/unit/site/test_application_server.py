"""The freeze of the application server, with concurrent changes of the machine."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision, RunRecordUnreachable
from cutover_site.errors import Refused
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.attempts import AttemptLimits
from cutover_site.freeze.state import FreezeState
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.proxy.hold import Held
from cutover_site.proxy.runtime import ProxyError

APPLICATION = "cutover_site.freeze.application_server"
BACKGROUND = "cutover_site.gogs.background"
ONE_ATTEMPT = AttemptLimits(attempt_seconds=0.0, attempts=1)
PATIENT = AttemptLimits(attempt_seconds=60.0, attempts=1)


class Proxy:
    """The proxy of one machine, with one write that does not end by itself."""

    def __init__(self, while_draining: Callable[[], None]) -> None:
        self.while_draining, self.cuts = while_draining, 0

    def count_sessions(self, _backend: str) -> int:
        self.while_draining()
        return 0 if self.cuts else 1

    def read_transferred(self, _backend: str) -> dict[str, int]:
        return {}

    def list_sessions(self, _backends: Collection[str]) -> dict[str, int]:
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

    def report_held(self, run_id: str) -> bool:
        return self.read() == Decision(run_id, "")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ApplicationServer:
    machine: Any = SimpleNamespace(layout=Layout(root=tmp_path), record=Record(Decision("run-1", "")))
    made = ApplicationServer(machine)
    made.modes = SimpleNamespace(switch=lambda _mode: None)  # type: ignore[assignment]
    monkeypatch.setattr(f"{APPLICATION}.processes.find", lambda _wanted: [1])
    made.hold = SimpleNamespace(set_bounds=lambda *_: None, count_held=lambda: Held(7, 2))  # type: ignore[assignment]
    for name in ("arm", "disarm"):
        monkeypatch.setattr(f"cutover_site.freeze.lease.{name}", lambda *_: None)
    return made


def test_a_thaw_during_the_draining_ends_the_freeze_and_cuts_no_write(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.runtime = proxy = Proxy(lambda: server.store.write(FreezeState()))  # type: ignore[assignment]
    done: list[str] = []
    monkeypatch.setattr(f"{APPLICATION}.processes.end", lambda _wanted: done.append("processes ended"))
    monkeypatch.setattr(f"{BACKGROUND}.stop", lambda _machine, **_: done.append("background stopped"))

    with pytest.raises(Refused, match="does not hold a freeze"):
        server.stop_source_writes("run-1", 600, PATIENT)

    assert done == []
    assert proxy.cuts == 0


def test_remaining_writes_are_cut_and_background_work_is_stopped(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.runtime = Proxy(lambda: None)  # type: ignore[assignment]
    monkeypatch.setattr(f"{APPLICATION}.processes.end", lambda _wanted: 3)
    monkeypatch.setattr(f"{BACKGROUND}.stop", lambda _machine, *, git_ended: git_ended)

    result = server.stop_source_writes("run-1", 600, ONE_ATTEMPT)

    assert (result["cut"], result["processes_ended"], result["background_stopped"]) == (2, 3, True)
    assert (result["held"], result["longest_hold_seconds"]) == (7, 2)
    assert [attempt["left"] for attempt in result["attempts"]] == [0]
    assert result["reported"]
    assert server.store.read().run == "run-1"


def test_a_source_that_cannot_reach_the_record_freezes_and_leaves_the_report_to_the_procedure(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(Decision("run-1", ""))
    server.machine.record = record  # type: ignore[assignment]
    server.runtime = Proxy(lambda: None)  # type: ignore[assignment]
    monkeypatch.setattr(f"{BACKGROUND}.stop", lambda _machine, **_: False)

    def end(_wanted: object) -> int:
        record.found = RunRecordUnreachable("no route")
        return 0

    monkeypatch.setattr(f"{APPLICATION}.processes.end", end)

    result = server.stop_source_writes("run-1", 600, ONE_ATTEMPT)

    assert (result["mode"], result["reported"]) == ("frozen", False)


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
        server.stop_source_writes("run-1", 600, PATIENT)

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

    assert server.resume_source_writes("run-1") == {
        "mode": "open",
        "was": "frozen",
        "held": 7,
        "longest_hold_seconds": 2,
    }

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


def test_a_thaw_opens_the_proxy_although_what_it_holds_cannot_be_counted(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def fail() -> Held:
        raise ProxyError("no response")

    server.modes = SimpleNamespace(switch=done.append, read_stored=lambda: "frozen")  # type: ignore[assignment]
    server.hold = SimpleNamespace(count_held=fail)  # type: ignore[assignment]
    server.require_writable_database = lambda _machine: None
    for name in ("resume", "release_webhooks"):
        monkeypatch.setattr(f"{BACKGROUND}.{name}", lambda _machine: None)
    server.store.write(FreezeState().freeze("run-1", 1.0))

    result = server.resume_source_writes("run-1")

    assert done == ["open"]
    assert (result["held"], result["held_unknown"]) == (None, "no response")


def test_a_freeze_refuses_a_hold_that_the_proxy_does_not_allow(server: ApplicationServer) -> None:
    with pytest.raises(Refused, match="cannot be held for 61 s"):
        server.stop_source_writes("run-1", 600, AttemptLimits(hold_seconds=61))

    assert server.store.read() == FreezeState()


def test_an_attempt_arms_the_lease_and_sets_the_bounds_before_it_closes_the_proxy(
    server: ApplicationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    server.runtime = Proxy(lambda: None)  # type: ignore[assignment]
    server.hold = SimpleNamespace(set_bounds=lambda *_: done.append("bounds"), count_held=Held)  # type: ignore[assignment]
    server.modes = SimpleNamespace(switch=done.append)  # type: ignore[assignment]
    monkeypatch.setattr("cutover_site.freeze.lease.arm", lambda *_: done.append("lease"))
    monkeypatch.setattr(f"{APPLICATION}.processes.end", lambda _wanted: 0)
    monkeypatch.setattr(f"{BACKGROUND}.stop", lambda _machine, *, git_ended: git_ended)

    server.stop_source_writes("run-1", 600, ONE_ATTEMPT)

    assert done == ["lease", "bounds", "frozen"]


def test_a_thaw_between_two_attempts_ends_the_freeze(server: ApplicationServer) -> None:
    """The roll back has decided: the next attempt must not close the source again."""
    modes: list[str] = []

    def switch(mode: str) -> None:
        modes.append(mode)
        if mode == "open":
            server.store.write(FreezeState())

    server.runtime = Proxy(lambda: None)  # type: ignore[assignment]
    server.modes = SimpleNamespace(switch=switch)  # type: ignore[assignment]
    server.require_writable_database = lambda _machine: None

    with pytest.raises(Refused, match="does not hold a freeze"):
        server.stop_source_writes("run-1", 600, AttemptLimits(attempt_seconds=0.0, attempts=3))

    assert modes == ["frozen", "open"]


def test_a_proxy_is_not_opened_for_another_attempt_while_the_database_is_closed(server: ApplicationServer) -> None:
    """A freeze that is delivered twice must not open the proxy of a site whose database is read-only."""

    def refuse(_machine: Machine) -> None:
        raise Refused("the source's database is still read-only")

    modes: list[str] = []
    server.runtime = Proxy(lambda: None)  # type: ignore[assignment]
    server.modes = SimpleNamespace(switch=modes.append)  # type: ignore[assignment]
    server.require_writable_database = refuse

    with pytest.raises(Refused, match="still read-only"):
        server.stop_source_writes("run-1", 600, AttemptLimits(attempt_seconds=0.0, attempts=3))

    assert modes == ["frozen"]


def test_a_later_attempt_does_not_extend_the_lease(server: ApplicationServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run may take the site soon after the lease in the record, which counts from when the command was sent."""
    leases: list[float] = []
    server.runtime = Proxy(lambda: None)  # type: ignore[assignment]
    server.require_writable_database = lambda _machine: None
    monkeypatch.setattr("cutover_site.freeze.lease.arm", lambda _root, until: leases.append(until))
    monkeypatch.setattr(f"{APPLICATION}.processes.end", lambda _wanted: 0)
    monkeypatch.setattr(f"{BACKGROUND}.stop", lambda _machine, *, git_ended: git_ended)

    result = server.stop_source_writes("run-1", 600, AttemptLimits(attempt_seconds=0.2, attempts=2))

    assert len(leases) == 2
    assert leases[0] == leases[1] == server.store.read().lease_until
    assert result["lease_until"] == round(leases[0])
