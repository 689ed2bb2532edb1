"""The end of the writes that were in flight when the proxy was frozen."""

from __future__ import annotations

import socket
import threading

import pytest
from cutover_site.proxy.drain import drain

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal


def test_draining_waits_for_a_write_in_flight(front: Front, upstream: Upstream) -> None:
    statuses: list[int] = []
    writer = threading.Thread(target=lambda: statuses.append(front.request("POST", "/slow").status_code))
    writer.start()
    assert upstream.arrived.wait(10)
    front.modes.switch("frozen")
    assert front.runtime.count_sessions("application_writes") == 1
    threading.Timer(0.5, upstream.release.set).start()
    drained = drain(front.runtime, 10, tcp=("application_ssh",), count_working_sessions=lambda: 1)
    writer.join(10)
    assert statuses == [200]
    assert drained.cut == 0
    assert drained.seconds >= 0.4


def test_draining_cuts_a_write_that_does_not_end(front: Front, upstream: Upstream) -> None:
    statuses: list[int] = []
    writer = threading.Thread(target=lambda: statuses.append(front.request("POST", "/slow").status_code))
    writer.start()
    with socket.create_connection(("127.0.0.1", front.ssh), timeout=5) as ssh:
        assert ssh.recv(100)
        assert upstream.arrived.wait(10)
        wait_until(
            lambda: front.runtime.count_sessions("application_writes") == 1,
            "one write",
            seconds=5,
            interval_seconds=0.02,
        )
        front.modes.switch("frozen")
        drained = drain(front.runtime, 0.3, tcp=("application_ssh",), count_working_sessions=lambda: 1)
        writer.join(10)
        assert drained.cut == 2
        assert statuses != [200]
        assert ssh.recv(100) == b""
