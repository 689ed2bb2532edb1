"""A hold ends at its bounds, also after a reload, a crash or a new start of the proxy."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from cutover_site.proxy.hold import LONGEST_HOLD_SECONDS
from cutover_site.proxy.modes import ProxyMode
from cutover_site.proxy.reload import reload_and_wait

from tests.rehearsal.site.background import CLOSED, Background, send, wait_until_held
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream

pytestmark = pytest.mark.rehearsal


@pytest.mark.parametrize(("until", "seconds"), [(2, LONGEST_HOLD_SECONDS), (LONGEST_HOLD_SECONDS, 2)])
def test_a_hold_ends_at_the_bound_of_the_whole_and_at_that_of_the_request(
    front: Front, upstream: Upstream, until: float, seconds: float
) -> None:
    front.hold.set_bounds(time.time() + until, seconds)
    front.modes.switch("frozen")
    write, ssh = Background(lambda: front.request("POST", "/x")), Background(front.read_ssh_banner)

    response = write.end()

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert front.sentence in response.text
    assert ssh.end() == b""
    assert 0.9 < write.seconds < 3.5
    assert 0.9 < ssh.seconds < 3.5
    assert upstream.reached == []


def test_a_late_write_waits_for_the_rest_of_the_hold_only(front: Front) -> None:
    front.freeze(3)
    time.sleep(1.5)  # no event: the time itself is what is tested
    late = send(front, "POST", "/x")
    assert late.end() == 503
    assert late.seconds < 2.75  # the end is rounded up to a whole second


def test_a_hold_of_the_longest_permitted_time_is_within_the_delay_of_haproxy(
    tmp_path: Path, upstream: Upstream
) -> None:
    """After inspect-delay HAProxy would not let a TCP connection wait any more."""
    with Front(tmp_path, upstream):
        pass
    (line,) = (line for line in (tmp_path / "haproxy.cfg").read_text().splitlines() if "inspect-delay" in line)
    assert int(line.split()[-1].removesuffix("s")) > LONGEST_HOLD_SECONDS


@pytest.mark.parametrize("release", ["open", "forward"])
def test_a_reload_does_not_end_a_hold(front: Front, upstream: Upstream, target: Upstream, release: ProxyMode) -> None:
    front.freeze(20)
    before, ssh = send(front, "POST", "/before", data=b"x"), Background(front.read_ssh_banner)
    wait_until_held(front, 2)
    reload_and_wait(front.runtime, front.request_reload)
    after = send(front, "POST", "/after", data=b"x")
    wait_until_held(front, 3)

    front.modes.switch(release)

    assert (before.end(), after.end()) == (200, 200)
    assert ssh.end().startswith(b"SSH-2.0")
    reached = upstream if release == "open" else target
    assert sorted(reached.reached) == ["POST /after", "POST /before"]


def test_a_crash_of_the_proxy_resets_what_it_holds_and_the_next_one_holds_until_the_same_moment(
    tmp_path: Path, upstream: Upstream
) -> None:
    with Front(tmp_path, upstream) as first:
        first.freeze(6)
        until = time.time() + 6
        first.hold.set_bounds(until, 60)
        held, ssh = send(first, "POST", "/x"), Background(first.read_ssh_banner)
        wait_until_held(first, 2)
        first.crash()
        assert held.end() == CLOSED
        assert ssh.end() == b""
    with Front(tmp_path, upstream) as second:
        again = send(second, "POST", "/again")
        wait_until_held(second, 1)
        assert again.end() == 503
        assert until - 1 < time.time() < until + 5  # HAProxy compares whole seconds; the rest is for a busy machine
    assert upstream.reached == []


def test_a_proxy_that_starts_after_the_hold_refuses_at_once(tmp_path: Path, upstream: Upstream) -> None:
    """As after a reboot of the source: it is frozen until its lease ends, and nobody waits for that."""
    with Front(tmp_path, upstream) as front:
        front.freeze(0)
    with Front(tmp_path, upstream) as again:
        write = send(again, "POST", "/x")
        assert write.end() == 503
        assert write.seconds < 1
        assert again.read_ssh_banner() == b""


@pytest.mark.parametrize("content", ["", "until 0\n"])
def test_a_proxy_without_bounds_is_reported_and_refuses_writes(
    tmp_path: Path, upstream: Upstream, content: str
) -> None:
    with Front(tmp_path, upstream) as front:
        assert front.hold.find_problem() == ""
    (tmp_path / "hold.map").write_text(content)
    with Front(tmp_path, upstream) as front:
        assert "run the playbook" in front.hold.find_problem()
        front.modes.switch("frozen")
        assert front.request("POST", "/x").status_code == 503
