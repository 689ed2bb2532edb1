"""The proxy learns the target before the window, and sends what it holds to it without a reload."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cutover_site.errors import Refused
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.forward import forward, prepare_forward
from cutover_site.freeze.state import FreezeState
from cutover_site.proxy.forwarding import Address
from cutover_site.proxy.reload import reload_and_wait

from tests.rehearsal.site.background import send, wait_until_held
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.source_server import RUN, build_server
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def target() -> Iterator[Upstream]:
    made = Upstream()
    yield made
    made.close()


@pytest.fixture
def reloads() -> list[float]:
    """Return the list of the reloads' times."""
    return []


@pytest.fixture
def server(front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reloads: list[float]) -> ApplicationServer:
    def request_reload() -> None:
        reloads.append(time.time())
        front.request_reload()

    return build_server(front, tmp_path / "machine", monkeypatch, request_reload=request_reload)


def addresses(target: Upstream) -> dict[str, Address]:
    return {"http": Address.parse(target.http), "ssh": Address.parse(target.ssh)}


def freeze(server: ApplicationServer, front: Front) -> None:
    server.store.write(FreezeState().freeze(RUN, time.time() + 600))
    front.freeze(20)


def test_held_writes_go_to_a_prepared_target_without_a_reload(
    server: ApplicationServer, front: Front, upstream: Upstream, target: Upstream, reloads: list[float]
) -> None:
    assert prepare_forward(server, RUN, addresses(target))["reloaded"]
    assert front.request("POST", "/before").status_code == 200
    freeze(server, front)
    held = [send(front, "POST", "/held", data=b"x") for _ in range(20)]
    wait_until_held(front, 20)

    result = forward(server, RUN, addresses(target))

    assert [one.end() for one in held] == [200] * 20
    assert (result["prepared"], result["held"], len(reloads)) == (True, 20, 1)
    assert (upstream.reached, target.reached) == (["POST /before"], ["POST /held"] * 20)
    assert front.modes.read_running() == front.modes.read_stored() == "forward"
    assert front.read_ssh_banner().startswith(b"SSH-2.0")


def test_a_second_preparation_with_the_same_target_reloads_nothing(
    server: ApplicationServer, target: Upstream, reloads: list[float]
) -> None:
    prepare_forward(server, RUN, addresses(target))
    assert not prepare_forward(server, RUN, addresses(target))["reloaded"]
    assert len(reloads) == 1


@pytest.mark.parametrize("why", ["never prepared", "another address", "not in the running proxy"])
def test_a_target_that_is_not_prepared_is_learned_by_a_reload(
    server: ApplicationServer, front: Front, target: Upstream, reloads: list[float], why: str
) -> None:
    if why == "another address":
        prepare_forward(server, RUN, {"http": Address.parse("127.0.0.1:9"), "ssh": Address.parse("127.0.0.1:9")})
    if why == "not in the running proxy":
        prepare_forward(server, RUN, addresses(target))
        written = (front.modes.folder / "forward.cfg").read_text()
        (front.modes.folder / "forward.cfg").write_text(written.replace(" target-", " other-"))
        reload_and_wait(front.runtime, front.request_reload)
        (front.modes.folder / "forward.cfg").write_text(written)
    reloads.clear()
    freeze(server, front)

    result = forward(server, RUN, addresses(target))

    assert (result["prepared"], len(reloads)) == (False, 1)
    assert front.request("POST", "/later").status_code == 200
    assert target.reached == ["POST /later"]


def test_a_preparation_ends_the_idle_connections_of_the_former_worker(
    server: ApplicationServer, front: Front, upstream: Upstream, target: Upstream
) -> None:
    """The former worker does not know the target. A long push keeps it, and nothing may be held by it later."""
    push = send(front, "POST", "/slow")
    assert upstream.arrived.wait(10)
    browser = http.client.HTTPConnection("127.0.0.1", front.http, timeout=20)
    browser.request("GET", "/page")
    assert browser.getresponse().read() == b"yes"
    idle = browser.sock

    result = prepare_forward(server, RUN, addresses(target))

    assert result["former_workers"] == 1
    assert idle.recv(1) == b""  # closed by the proxy, so the next request uses another connection
    freeze(server, front)
    assert front.runtime.count_sessions("application_writes") == 1  # the push is waited for, in its former worker
    browser.close()
    browser.request("POST", "/held", body=b"x")
    wait_until_held(front, 1)
    current = front.runtime.list_workers().current
    assert [pid for pid, text in front.runtime.query("show sess").items() if "be=<NONE>" in _without_api(text)] == [
        *current
    ]
    upstream.release.set()
    assert push.end() == 200

    forward(server, RUN, addresses(target))

    assert browser.getresponse().read() == b"yes"
    assert target.reached == ["POST /held"]
    browser.close()


def _without_api(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "fe=GLOBAL" not in line)


def test_a_preparation_is_refused_while_the_site_is_frozen(
    server: ApplicationServer, front: Front, target: Upstream, reloads: list[float]
) -> None:
    """A late delivery of the command must not reload the proxy in the window."""
    freeze(server, front)
    with pytest.raises(Refused, match="the machine is frozen"):
        prepare_forward(server, RUN, addresses(target))
    assert reloads == []


def test_a_preparation_of_a_run_that_is_over_is_refused(
    server: ApplicationServer, target: Upstream, reloads: list[float]
) -> None:
    with pytest.raises(Refused, match="run-2"):
        prepare_forward(server, "run-2", addresses(target))
    assert reloads == []


def test_the_target_of_a_run_that_rolled_back_is_harmless_and_is_replaced(
    server: ApplicationServer, front: Front, upstream: Upstream, target: Upstream
) -> None:
    """The roll back leaves the address in the configuration. Its load balancer may be gone, and with it the name."""
    gone = {"http": Address.parse("gone.invalid:80"), "ssh": Address.parse("gone.invalid:2222")}
    prepare_forward(server, RUN, gone)
    freeze(server, front)
    held = send(front, "POST", "/held")
    wait_until_held(front, 1)

    thawed = server.resume_source_writes(RUN)

    assert held.end() == 200
    assert thawed["held"] == 1
    assert upstream.reached == ["POST /held"]
    # HAProxy starts with it again
    reload_and_wait(front.runtime, front.request_reload)
    assert front.request("POST", "/open").status_code == 200
    # And the next run replaces it
    assert prepare_forward(server, RUN, addresses(target))["reloaded"]
    freeze(server, front)
    forward(server, RUN, addresses(target))
    assert front.request("POST", "/forwarded").status_code == 200
    assert target.reached == ["POST /forwarded"]


def test_no_client_notices_the_preparation(server: ApplicationServer, front: Front, target: Upstream) -> None:
    sent = [send(front, method, "/x") for _ in range(20) for method in ("GET", "POST")]
    prepare_forward(server, RUN, addresses(target))
    sent += [send(front, method, "/x") for _ in range(20) for method in ("GET", "POST")]
    assert {one.end() for one in sent} == {200}


def test_reads_of_the_source_end_before_its_application_is_stopped(
    front: Front, upstream: Upstream, target: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[int] = []
    reader = send(front, "GET", "/slow")
    server = build_server(
        front, tmp_path / "machine", monkeypatch, stop=lambda _unit: stopped.append(int(reader.is_running))
    )
    assert upstream.arrived.wait(10)
    # In the current worker, not in a former one, because nothing is reloaded any more
    front_addresses = addresses(target)
    monkeypatch.setattr("cutover_site.freeze.forward._is_prepared", lambda *_: True)
    freeze(server, front)
    upstream.release_after(1.0)

    forward(server, RUN, front_addresses)

    assert stopped == [0]
    assert reader.end() == 200
