"""Freeze and forward during a reload of HAProxy. The former worker still runs, and the next worker starts at any
time.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from cutover_site.freeze.forward import forward
from cutover_site.freeze.state import FreezeState
from cutover_site.proxy.drain import drain
from cutover_site.proxy.forwarding import Address
from cutover_site.proxy.reload import end_former_workers, reload_and_wait
from cutover_site.proxy.runtime import ProxyError

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.source_server import RUN, build_server
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal


class BackgroundRequest:
    """One request in its own thread. `status` is 0 if the proxy closed the connection."""

    def __init__(self, front: Front, method: str, path: str) -> None:
        self.status = -1
        self._thread = threading.Thread(target=self._send, args=(front, method, path))
        self._thread.start()

    def _send(self, front: Front, method: str, path: str) -> None:
        try:
            self.status = front.request(method, path).status_code
        except OSError:
            self.status = 0

    def end(self) -> int:
        self._thread.join(20)
        return self.status


def test_draining_waits_for_a_write_that_started_before_a_reload(front: Front, upstream: Upstream) -> None:
    writer = BackgroundRequest(front, "POST", "/slow")
    assert upstream.arrived.wait(10)
    reload_and_wait(front.runtime, front.request_reload)
    front.modes.switch("frozen")
    assert front.runtime.count_sessions("application_writes") == 1
    threading.Timer(0.5, upstream.release.set).start()
    drained = drain(front.runtime, 10, tcp=("application_ssh",), count_working_sessions=lambda: 1)
    assert (writer.end(), drained.cut) == (200, 0)
    assert drained.seconds >= 0.4


def test_draining_cuts_endless_connections_that_started_before_a_reload(front: Front, upstream: Upstream) -> None:
    writer = BackgroundRequest(front, "POST", "/slow")
    with socket.create_connection(("127.0.0.1", front.ssh), timeout=5) as ssh:
        assert ssh.recv(100)
        assert upstream.arrived.wait(10)
        reload_and_wait(front.runtime, front.request_reload)
        front.modes.switch("frozen")
        assert drain(front.runtime, 0.3, tcp=("application_ssh",), count_working_sessions=lambda: 1).cut == 2
        assert writer.end() != 200
        assert ssh.recv(100) == b""


def test_a_running_reload_does_not_open_a_frozen_proxy(front: Front, upstream: Upstream) -> None:
    for _ in range(5):
        front.modes.switch("open")
        front.request_reload()
        front.modes.switch("frozen")
        upstream.reset()
        deadline = time.monotonic() + 0.4
        while time.monotonic() < deadline:
            assert front.request("POST", "/x").status_code == 503
        assert upstream.reached == []


def test_a_reload_that_does_not_happen_is_an_error(front: Front) -> None:
    with pytest.raises(ProxyError, match="has not taken its new configuration"):
        reload_and_wait(front.runtime, lambda: None, limit_seconds=0.3)
    assert front.request("GET", "/").status_code == 200


def test_a_proxy_can_be_frozen_after_a_failed_reload(front: Front, tmp_path: Path) -> None:
    (tmp_path / "forward.cfg").write_text("backend broken\n    nonsense\n")
    with pytest.raises(ProxyError):
        reload_and_wait(front.runtime, front.request_reload, limit_seconds=1)
    front.modes.switch("frozen")
    assert front.request("POST", "/x").status_code == 503
    assert front.request("GET", "/").status_code == 200
    assert front.modes.read_running() == "frozen"


def test_a_former_worker_is_ended_after_its_limit(front: Front, upstream: Upstream) -> None:
    reader = BackgroundRequest(front, "GET", "/slow")
    assert upstream.arrived.wait(10)
    reload_and_wait(front.runtime, front.request_reload)
    assert end_former_workers(front.runtime, 0.3)
    assert reader.end() != 200
    assert not front.runtime.list_workers().former
    assert front.request("GET", "/").status_code == 200


def test_a_keep_alive_connection_does_not_delay_the_end_of_a_former_worker(front: Front) -> None:
    with requests.Session() as browser:
        page = f"http://127.0.0.1:{front.http}/page"
        assert browser.get(page, timeout=20).status_code == 200
        reload_and_wait(front.runtime, front.request_reload)
        began = time.monotonic()
        assert end_former_workers(front.runtime, 20.0) == ()
        assert time.monotonic() - began < 10
        assert browser.get(page, timeout=20).status_code == 200


@pytest.mark.parametrize("late", [0.0, 0.6])
def test_a_late_reload_fails_no_read_and_sends_writes_to_the_target(
    front: Front, upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    target, stopped = Upstream(), list[int]()
    reader: list[BackgroundRequest] = []

    def request_reload() -> None:
        threading.Timer(late, front.request_reload).start() if late else front.request_reload()

    def stop(_unit: str) -> None:
        stopped.append(reader[0].status)

    server = build_server(front, tmp_path / "machine", monkeypatch, request_reload=request_reload, stop=stop)
    front.modes.switch("frozen")
    server.store.write(FreezeState().freeze(RUN, time.time() + 600))
    reader.append(BackgroundRequest(front, "GET", "/slow"))
    assert upstream.arrived.wait(10)
    stop_reading = _read_continuously(front)
    threading.Timer(late + 1.0, upstream.release.set).start()

    forward(server, RUN, {"http": Address.parse(target.http), "ssh": Address.parse(target.ssh)})

    assert stopped == [200]  # the running read ended before Gogs stopped
    assert stop_reading() <= {200}
    assert front.modes.read_running() == front.modes.read_stored() == "forward"
    assert front.request("POST", "/alice/app/issues/new").status_code == 200
    assert "POST /alice/app/issues/new" in target.reached
    assert front.read_ssh_banner().startswith(b"SSH-2.0")
    target.close()


def _read_continuously(front: Front) -> Callable[[], set[int]]:
    """Start a client that reads continuously. The returned function stops it and returns the statuses that it
    received.
    """
    seen: set[int] = set()
    enough = threading.Event()

    def read() -> None:
        while not enough.is_set():
            seen.add(front.request("GET", "/page").status_code)

    visitor = threading.Thread(target=read)
    visitor.start()

    def end() -> set[int]:
        enough.set()
        visitor.join(10)
        return seen

    return end
