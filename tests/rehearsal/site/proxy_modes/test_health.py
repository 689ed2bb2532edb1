"""What the load balancer and the proxy take for a healthy server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal


def test_a_staged_target_is_healthy_and_refuses_writes(tmp_path: Path) -> None:
    """Otherwise auto scaling would replace a target that waits for its Gogs."""
    upstream = Upstream()
    upstream.database = "dial tcp: connection refused"
    with Front(tmp_path, upstream) as front:
        front.modes.switch("staged")
        assert front.read_health_status() == 200
        assert front.request("POST", "/alice/app/issues/new").status_code == 503
        assert front.read_ssh_banner() == b""
        front.modes.switch("open")
        assert front.read_health_status() == 503
    upstream.close()


def test_an_application_marked_up_serves_at_once(tmp_path: Path) -> None:
    """HAProxy's own next health check may be a quarter of a second later."""
    upstream = Upstream()
    upstream.database = "dial tcp: connection refused"
    with Front(tmp_path, upstream) as front:
        for method in ("GET", "POST") * 5:
            upstream.database = "OK"
            front.runtime.mark_application_up()
            assert front.request(method, "/alice/app").status_code == 200
            upstream.database = "dial tcp: connection refused"
            front.wait_for(503)
    upstream.close()


def test_health_depends_on_the_body_of_the_health_check_and_not_on_its_status(tmp_path: Path) -> None:
    upstream = Upstream()
    upstream.database = "dial tcp 10.0.0.1:3306: connect: connection refused"
    with Front(tmp_path, upstream) as front:
        assert front.read_health_status() == 503
    upstream.close()
