"""The forward of the source: it is prepared while the site is open, and it ends with a proxy that forwards."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.errors import Refused
from cutover_site.freeze import forward as forwarding
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.state import FreezeState
from cutover_site.layout import Layout
from cutover_site.proxy.forwarding import Address
from cutover_site.proxy.hold import Held
from cutover_site.proxy.runtime import ProxyError

RUN = "run-1"
FORWARD = "cutover_site.freeze.forward"
ADDRESSES = {"http": Address.parse("192.0.2.10:80"), "ssh": Address.parse("192.0.2.11:22")}


class Modes:
    """The mode of a proxy that accepts or ignores what it is set to."""

    def __init__(self, folder: Path, done: list[str]) -> None:
        self.folder, self.mode, self.is_stuck, self._done = folder, "open", False, done

    def switch(self, mode: str) -> None:
        self._done.append(f"proxy {mode}")
        if not self.is_stuck:
            self.mode = mode

    store = switch

    def read_stored(self) -> str:
        return self.mode

    read_running = read_stored


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: list[str]) -> ApplicationServer:
    record = SimpleNamespace(read=lambda: Decision(RUN, ""))
    machine: Any = SimpleNamespace(layout=Layout(root=tmp_path), record=record)
    made = ApplicationServer(machine)
    made.modes = Modes(tmp_path, done)  # type: ignore[assignment]
    made.runtime = SimpleNamespace(count_sessions=lambda _backend: 0)  # type: ignore[assignment]
    made.hold = SimpleNamespace(count_held=Held)  # type: ignore[assignment]
    monkeypatch.setattr(f"{FORWARD}.is_known_target", lambda *_: True)
    monkeypatch.setattr(f"{FORWARD}.reload_and_wait", lambda *_: done.append("reload"))
    monkeypatch.setattr(f"{FORWARD}.end_idle_former_workers", lambda *_: [])
    monkeypatch.setattr(f"{FORWARD}.end_former_workers", lambda *_: [])
    monkeypatch.setattr("cutover_site.freeze.lease.disarm", lambda _root: done.append("lease off"))
    for name in ("stop", "disable"):
        monkeypatch.setattr(f"{FORWARD}.systemd.{name}", lambda unit, name=name: done.append(f"{name} {unit}"))
    return made


@pytest.mark.parametrize("state", [FreezeState("frozen", RUN), FreezeState("forward", RUN)])
def test_the_target_is_prepared_only_while_the_site_is_open(
    server: ApplicationServer, done: list[str], state: FreezeState
) -> None:
    server.store.write(state)

    with pytest.raises(Refused, match="while the site is open"):
        forwarding.prepare_forward(server, RUN, ADDRESSES)

    assert done == []


def test_the_target_is_not_prepared_while_the_proxy_is_closed(server: ApplicationServer, done: list[str]) -> None:
    """A thaw that ended in its middle has left it so."""
    server.modes.mode = "frozen"  # type: ignore[attr-defined]

    with pytest.raises(Refused, match="while the site is open"):
        forwarding.prepare_forward(server, RUN, ADDRESSES)

    assert done == []


def test_the_target_is_not_prepared_for_a_run_that_is_over(server: ApplicationServer, done: list[str]) -> None:
    server.machine.record = SimpleNamespace(read=lambda: Decision(RUN, "rollback"))  # type: ignore[assignment]

    with pytest.raises(Refused, match="is over"):
        forwarding.prepare_forward(server, RUN, ADDRESSES)

    assert done == []


def test_a_forward_switches_the_proxy_then_ends_the_lease_and_the_application(
    server: ApplicationServer, done: list[str]
) -> None:
    forwarding.prepare_forward(server, RUN, ADDRESSES)
    server.store.write(FreezeState("frozen", RUN, 1.0))
    done.clear()

    result = forwarding.forward(server, RUN, ADDRESSES)

    assert (result["mode"], result["prepared"]) == ("forward", True)
    assert done == ["proxy forward", "lease off", "stop gogs.service", "disable gogs.service"]
    assert server.store.read() == FreezeState("forward", RUN)


def test_a_proxy_that_does_not_forward_keeps_the_application_and_the_switch(
    server: ApplicationServer, done: list[str]
) -> None:
    server.store.write(FreezeState("frozen", RUN, 1.0))
    server.modes.is_stuck = True  # type: ignore[attr-defined]

    with pytest.raises(ProxyError, match="HAProxy is open after it was set to forward"):
        forwarding.forward(server, RUN, ADDRESSES)

    assert done == ["proxy forward", "reload"]
