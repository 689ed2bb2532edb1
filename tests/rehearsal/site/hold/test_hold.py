"""A frozen proxy holds writes, and sends them to where the site is afterwards."""

from __future__ import annotations

import http.client
import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cutover_site.proxy.modes import ProxyMode

from tests.rehearsal.site.background import Background, send, wait_until_held
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal

LARGE = 20_000_000
SIGNED_IN = {"Cookie": "i_like_gogs=abc"}
WRITES: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "an API request": ("POST", "/api/v1/user/repos", {"json": {"name": "x"}}, 13),
    "a form with a large body": ("POST", "/alice/app/upload", {"data": b"x" * LARGE}, LARGE),
    "a chunked body": (
        "POST", "/alice/app.git/git-receive-pack", {"data": lambda: iter([b"x" * 100_000] * 200)}, LARGE,
    ),
    "an LFS object": ("PUT", "/alice/app.git/info/lfs/objects/basic/abc", {"data": b"x" * 1_000_000}, 1_000_000),
    "the first request of a push": ("GET", "/alice/app.git/info/refs?service=git-receive-pack", {}, 0),
    "a visit that marks an issue as read": ("GET", "/alice/app/issues/1", {"headers": SIGNED_IN}, 0),
}  # fmt: skip


def send_write(front: Front, kind: str) -> Background[int]:
    method, path, options, _ = WRITES[kind]
    return send(front, method, path, **{name: value() if callable(value) else value for name, value in options.items()})


@pytest.mark.parametrize("release", ["open", "forward"])
def test_every_kind_of_write_is_held_and_goes_where_the_site_is_afterwards(
    front: Front, upstream: Upstream, target: Upstream, release: ProxyMode
) -> None:
    front.freeze(12)
    sent = {kind: send_write(front, kind) for kind in WRITES}
    ssh = Background(front.read_ssh_banner)
    wait_until_held(front, len(WRITES) + 1)
    assert (upstream.reached, target.reached) == ([], [])

    front.modes.switch(release)

    assert {kind: one.end() for kind, one in sent.items()} == dict.fromkeys(WRITES, 200)
    assert ssh.end().startswith(b"SSH-2.0")
    reached, other = (upstream, target) if release == "open" else (target, upstream)
    assert sorted(reached.reached) == sorted(f"{method} {path}" for method, path, _, _ in WRITES.values())
    assert sorted(reached.received) == sorted(size for *_, size in WRITES.values())
    assert other.reached == []


def test_reads_and_the_health_check_go_on_while_writes_are_held(front: Front) -> None:
    front.freeze(12)
    held = [send(front, "POST", "/x") for _ in range(20)]
    wait_until_held(front, 20)
    for path in ("/alice/app", "/alice/app/issues/1", "/alice/app/issues", "/cutover/health"):
        began = time.monotonic()
        assert front.request("GET", path).status_code == 200  # a page of an issue too, when nobody can be signed in
        assert time.monotonic() - began < 1
    front.modes.switch("open")
    assert {one.end() for one in held} == {200}


def test_500_writes_that_are_released_together_all_succeed(front: Front, target: Upstream) -> None:
    front.freeze(30)
    held = [send(front, "POST", "/x", data=b"y") for _ in range(500)]
    wait_until_held(front, 500)
    front.modes.switch("forward")
    assert [one.end() for one in held] == [200] * 500
    assert len(target.reached) == 500


def test_released_writes_arrive_at_the_pace_of_the_server(front: Front, upstream: Upstream) -> None:
    """The application gets no more at a time than `proxy_concurrent_writes`; the others wait in the queue."""
    front.freeze(30)
    held = [send(front, "POST", "/slow") for _ in range(100)]
    wait_until_held(front, 100)
    front.modes.switch("open")
    wait_until(lambda: len(upstream.reached) == 64, "64 requests at the application")
    time.sleep(0.5)  # no event shows that nothing more arrives
    assert len(upstream.reached) == 64
    assert front.runtime.count_sessions("application_writes") == 100  # a freeze waits for the queued ones too
    upstream.release.set()
    assert {one.end() for one in held} == {200}


def test_a_kept_alive_connection_is_held_for_each_request(front: Front, upstream: Upstream, target: Upstream) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.http, timeout=20)
    connection.request("POST", "/before", body=b"x")
    assert connection.getresponse().read() == b"yes"
    local = connection.sock.getsockname()

    front.freeze(12)
    connection.request("GET", "/page")
    assert connection.getresponse().read() == b"yes"  # a read on the same connection goes on
    connection.request("POST", "/held", body=b"x")
    wait_until_held(front, 1)
    front.modes.switch("forward")

    assert connection.getresponse().read() == b"yes"
    assert connection.sock.getsockname() == local
    assert upstream.reached == ["POST /before", "GET /page"]
    assert target.reached == ["POST /held"]
    connection.close()


@pytest.mark.parametrize(("how", "still_held"), [("reset", 0), ("close", 1)])
def test_a_client_that_leaves_while_held_leaves_nothing(
    front: Front, upstream: Upstream, how: str, still_held: int
) -> None:
    """A TCP connection that its client closes stays until the end of the hold. Then it ends at the application."""
    front.freeze(12)
    client = socket.create_connection(("127.0.0.1", front.http), timeout=5)
    client.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345")
    ssh = socket.create_connection(("127.0.0.1", front.ssh), timeout=5)
    wait_until_held(front, 2)
    for one in (client, ssh):
        if how == "reset":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()

    wait_until_held(front, still_held)

    front.modes.switch("open")
    wait_until(lambda: not front.runtime.list_sessions(["application_writes", "application_ssh"]), "no session")
    wait_until_held(front, 0)
    assert front.request("POST", "/later").status_code == 200
    assert upstream.reached == ["POST /later"]  # nothing was written for a client that had left


def test_a_visit_is_drained_like_a_write_and_goes_on_as_a_read_after_the_hold(front: Front, upstream: Upstream) -> None:
    upstream.slow_paths.add("/alice/app/pulls/7/files")
    visit = send(front, "GET", "/alice/app/pulls/7/files", headers=SIGNED_IN)
    assert upstream.arrived.wait(10)
    assert front.runtime.count_sessions("application_writes") == 1
    upstream.release.set()
    assert visit.end() == 200

    front.freeze(1)
    held = send(front, "GET", "/alice/app/issues/1", headers=SIGNED_IN)
    assert held.end() == 200
    assert held.seconds > 0.4
    upstream.status = 500  # the database is closed
    assert send(front, "GET", "/alice/app/issues/1", headers=SIGNED_IN).end() == 503


def test_held_requests_are_counted_without_idle_connections(front: Front) -> None:
    idle = http.client.HTTPConnection("127.0.0.1", front.http, timeout=20)
    idle.request("GET", "/")
    assert idle.getresponse().read() == b"yes"
    front.freeze(12)
    assert front.hold.count_held().count == 0
    write, ssh = send(front, "POST", "/x"), Background(front.read_ssh_banner)
    wait_until_held(front, 2)
    wait_until(lambda: front.hold.count_held().longest_seconds >= 1, "an age of a second")
    front.modes.switch("open")
    assert write.end() == 200
    assert ssh.end().startswith(b"SSH-2.0")
    wait_until_held(front, 0)
    idle.close()


def test_a_hold_of_500_requests_takes_little_of_the_processor(front: Front) -> None:
    front.freeze(30)
    held = [send(front, "POST", "/x") for _ in range(500)]
    wait_until_held(front, 500)
    (worker,) = front.list_worker_ids()
    used = _measure_processor_seconds(worker, lambda: time.sleep(3))
    front.modes.switch("open")
    for one in held:
        one.end()
    assert used < 1.5, f"{used} CPU seconds in 3 s"


def _measure_processor_seconds(pid: int, wait: Callable[[], None]) -> float:
    def read() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = read()
    wait()
    return read() - before
