"""The tool on the machines reads the log that a real HAProxy writes with the configuration of the role."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cutover_site.proxy.request_counts import Span, count_requests
from cutover_site.proxy.request_log import parse_line, parse_requests

from tests.rehearsal.site.background import send, wait_until_held
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def target() -> Iterator[Upstream]:
    made = Upstream()
    yield made
    made.close()


@pytest.fixture
def front(tmp_path: Path, upstream: Upstream, target: Upstream) -> Iterator[Front]:
    with Front(tmp_path, upstream, target) as made:
        yield made


def read_lines(front: Front, requests: int) -> list[bytes]:
    """Return the log as the journal has it, once it has so many requests.

    The journal's time is the end of a request; here it is now.
    """

    def read() -> list[bytes]:
        now = time.time()
        lines = [f"{now:.6f} host haproxy[1]: {line}" for line in front.read_log()]
        return [line.encode() for line in lines if parse_line(line)]

    wait_until(lambda: len(read()) >= requests, f"{requests} requests in the log")
    return read()


def count(lines: list[bytes], frozen: float, opened: float) -> dict[str, Any]:
    span = Span(frozen - 60, time.time() + 60, frozen, opened)
    return count_requests(parse_requests(lines, lambda: False), span, {"site_ssh": "ssh"})


def sum_column(facts: dict[str, Any], name: str) -> int:
    return sum(row[facts["columns"].index(name)] for row in facts["rows"])


def test_held_requests_are_counted_as_held_and_others_are_not(front: Front, target: Upstream) -> None:
    # Given two reads and a write before the window, two writes that are held in it, and a read meanwhile
    for method, path in (("GET", "/alice/app"), ("GET", "/alice/app"), ("POST", "/x")):
        assert front.request(method, path).status_code == 200
    frozen = time.time()
    front.freeze(12)
    held = [send(front, "POST", "/x"), send(front, "PUT", "/y")]
    wait_until_held(front, 2)
    assert front.request("GET", "/alice/app").status_code == 200
    time.sleep(0.1)  # longer than a request that is not held waits
    front.modes.switch("forward")
    assert [one.end() for one in held] == [200, 200]
    opened = time.time()

    facts = count(read_lines(front, 6), frozen, opened)

    expected = {"answered": 6, "server_error": 0, "held": 2, "forwarded": 2}
    assert {name: sum_column(facts, name) for name in expected} == expected
    assert target.reached


@pytest.mark.parametrize("leaves", [False, True], ids=["refused", "left while it was held"])
def test_a_write_without_a_response_of_the_site_is_an_error(front: Front, leaves: bool) -> None:
    """HAProxy ends the hold of a client that leaves, and logs the refusal that nobody receives.

    The two look the same.
    """
    frozen = time.time()
    front.freeze(12 if leaves else 0)
    with socket.create_connection(("127.0.0.1", front.http), timeout=5) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        if leaves:
            wait_until_held(front, 1)
        else:
            assert connection.recv(100).startswith(b"HTTP/1.1 503")

    facts = count(read_lines(front, 1), frozen, time.time())

    assert (sum_column(facts, "server_error"), sum_column(facts, "held")) == (1, 0)
