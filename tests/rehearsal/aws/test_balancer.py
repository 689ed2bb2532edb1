"""A load balancer sends requests only to healthy targets, and keeps connections through changes."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from rehearsal.aws.elb.haproxy import Balancer
from rehearsal.aws.elb.models import (
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    Redirect,
    Rule,
    Target,
    TargetGroup,
)
from tests.rehearsal.ports import find_free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal
# With the process id, because a killed session leaves its namespace.
NAMESPACE = f"cutover-test-balancer-{os.getpid()}"
PORT, UPSTREAM = find_free_port(), find_free_port()


class Upstream(BaseHTTPRequestHandler):
    healthy = True

    def do_GET(self) -> None:
        body = f"{self.path} for {self.headers.get('X-Forwarded-For')}".encode()
        self.send_response(200 if self.healthy or self.path != "/health" else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def balancer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Balancer]:
    """Start a balancer in front of one upstream. Its namespace is the host's own, with a name for `ip netns exec`."""
    subprocess.run(["ip", "netns", "attach", NAMESPACE, str(os.getpid())], check=True)
    monkeypatch.setattr(Upstream, "healthy", True)
    server = ThreadingHTTPServer(("127.0.0.1", UPSTREAM), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    balancer = Balancer(namespace=NAMESPACE, folder=tmp_path)
    yield balancer
    balancer.stop()
    server.shutdown()
    server.server_close()
    subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)


def group(*targets: Target) -> TargetGroup:
    check = HealthCheck(path="/health", interval=1, timeout=1, unhealthy=1)
    return TargetGroup("web", "HTTP", targets, check, stickiness=300)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    wait_until(condition, what, seconds=10)


def get(path: str, **headers: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{PORT}{path}", headers=headers, timeout=5, allow_redirects=False)


TARGET = Target("i-1", "127.0.0.1", UPSTREAM)


def test_only_a_healthy_target_receives_requests(balancer: Balancer, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an unhealthy target
    monkeypatch.setattr(Upstream, "healthy", False)
    balancer.apply([Listener(PORT, "HTTP", Forward("web"))], [group(TARGET)])
    # Then it receives no request
    assert get("/").status_code == 503
    wait_for(lambda: balancer.read_health("web")["i-1"].up is False, "the check fails")
    # When it becomes healthy, then it receives requests with the headers and cookies of an ALB
    monkeypatch.setattr(Upstream, "healthy", True)
    wait_for(lambda: balancer.read_health("web")["i-1"].up is True, "the check passes")
    response = get("/page")
    assert response.text == "/page for 127.0.0.1"
    assert "AWSALB" in response.cookies


def test_a_change_keeps_the_health_of_existing_targets(balancer: Balancer) -> None:
    listener = Listener(PORT, "HTTP", Forward("web"))
    balancer.apply([listener], [group(TARGET)])
    wait_for(lambda: balancer.read_health("web")["i-1"].up is True, "the check passes")
    # When a target that does not respond is added
    balancer.apply([listener], [group(TARGET, Target("i-2", "127.0.0.1", 9))])
    # Then the healthy target serves every request without an interruption
    assert [get("/").status_code for _ in range(10)] == [200] * 10
    wait_for(lambda: balancer.read_health("web")["i-2"].up is False, "the check of the second target fails")


def test_rules_apply_in_the_order_of_their_priority(balancer: Balancer) -> None:
    rules = (
        Rule(2, FixedResponse(404, body='no "$HOME" here'), paths=("/debug/*",)),
        Rule(1, Forward("web"), paths=("/debug/ok",)),
        Rule(3, Redirect("https://#{host}:444/#{path}?#{query}", 301), headers=(("X-Go", ("away*",)),)),
    )
    balancer.apply([Listener(PORT, "HTTP", FixedResponse(503, body="closed"), rules)], [group(TARGET)])
    wait_for(lambda: balancer.read_health("web")["i-1"].up is True, "the check passes")
    assert get("/debug/ok").status_code == 200
    assert (get("/debug/x").status_code, get("/debug/x").text) == (404, 'no "$HOME" here')
    assert get("/a/b?c=d", **{"X-Go": "away now"}).headers["Location"] == "https://127.0.0.1:444/a/b?c=d"
    assert get("/").status_code == 503
