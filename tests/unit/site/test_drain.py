"""Connection draining: no request from before the freeze is active after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from cutover_site.errors import Refused
from cutover_site.proxy.drain import DrainResult, drain
from cutover_site.proxy.idle import HANDSHAKE_SECONDS, IDLE_SECONDS, IdleMonitor


@dataclass
class Proxy:
    """A proxy whose sessions end at given times, or when they are cut."""

    ends: dict[str, list[float]]
    refuses_to_close: bool = False
    now: float = 0.0
    cuts: list[str] = field(default_factory=list)
    bytes_per_second: float = 0.0
    """traffic of each SSH session"""
    git_until: float = 999.0
    """until this time, an SSH session runs a git process"""

    def count_sessions(self, backend: str) -> int:
        return sum(1 for moment in self.ends.get(backend, []) if moment > self.now)

    def read_transferred(self, backend: str) -> dict[str, int]:
        return {f"session {n}": int(self.now * self.bytes_per_second) for n in range(self.count_sessions(backend))}

    def git_sessions(self) -> int:
        return int(self.now < self.git_until)

    def close_sessions(self, backend: str) -> None:
        self.cuts.append(backend)
        if not self.refuses_to_close:
            self.ends[backend] = []

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def drain(self, limit: float, **options: Any) -> DrainResult:
        return drain(
            self,
            limit,
            self.clock,
            self.pause,
            tcp=("application_ssh",),
            count_working_sessions=self.git_sessions,
            **options,
        )


def test_the_draining_waits_for_writes_in_progress() -> None:
    proxy = Proxy({"application_writes": [1.0], "application_ssh": [2.0]})
    done = proxy.drain(10)
    assert done.cut == 0
    assert 2.0 <= done.seconds < 2.3
    assert not proxy.cuts


def test_sessions_that_do_not_end_in_time_are_cut_and_counted() -> None:
    proxy = Proxy({"application_writes": [1.0], "application_ssh": [99.0, 99.0]})
    done = proxy.drain(5)
    assert done.cut == 2
    assert set(proxy.cuts) == {"application_ssh"}


def test_a_session_that_cannot_be_cut_is_an_error() -> None:
    proxy = Proxy({"application_writes": [99.0]}, refuses_to_close=True)
    with pytest.raises(TimeoutError):
        proxy.drain(1)


def test_a_single_count_of_zero_is_not_enough() -> None:
    proxy = Proxy({})
    assert proxy.drain(5).seconds > 0


def test_no_session_is_cut_after_the_draining_was_cancelled() -> None:
    """After a thaw, the sessions are new writes. The draining must not cut them."""
    proxy = Proxy({"application_writes": [99.0]})

    def cancel() -> None:
        if proxy.now > 0.5:
            raise Refused("thawed")

    with pytest.raises(Refused):
        proxy.drain(1, before_each_poll=cancel)
    assert not proxy.cuts


def test_an_idle_ssh_session_is_closed_without_waiting_for_the_limit() -> None:
    # Given two SSH sessions that stay open without a git process
    proxy = Proxy({"application_ssh": [99.0, 99.0]}, git_until=0.0)

    # When the proxy is drained, then it closes them as soon as they cannot be in their handshake
    done = proxy.drain(15)
    assert (done.cut, done.idle) == (0, 2)
    assert done.seconds < IDLE_SECONDS + 0.5


def test_a_session_that_was_idle_before_the_freeze_is_closed_immediately() -> None:
    proxy = Proxy({"application_ssh": [99.0]}, git_until=0.0)
    monitor = IdleMonitor(proxy.clock)
    monitor.observe(proxy.read_transferred("application_ssh"))
    proxy.pause(IDLE_SECONDS)
    assert proxy.drain(15, monitor=monitor).seconds < 0.3


def test_a_session_with_a_git_process_is_closed_after_the_process_ended() -> None:
    proxy = Proxy({"application_ssh": [99.0]}, git_until=4.0)
    done = proxy.drain(15)
    assert (done.cut, done.idle) == (0, 1)
    assert 4.0 <= done.seconds < 4.5


def test_keep_alive_messages_do_not_extend_the_handshake_limit() -> None:
    proxy = Proxy({"application_ssh": [99.0]}, bytes_per_second=100.0, git_until=0.0)
    assert HANDSHAKE_SECONDS <= proxy.drain(15).seconds < HANDSHAKE_SECONDS + 0.5


def test_a_session_may_end_within_the_handshake_limit() -> None:
    proxy = Proxy({"application_ssh": [2.0]}, bytes_per_second=100.0, git_until=0.0)
    done = proxy.drain(15)
    assert (done.cut, done.idle) == (0, 0)
    assert 2.0 <= done.seconds < 2.3
    assert not proxy.cuts


def test_without_a_cut_the_sessions_that_are_left_are_counted_and_stay() -> None:
    proxy = Proxy({"application_writes": [99.0], "application_ssh": [99.0]})
    done = proxy.drain(3, cut_rest=False)
    assert (done.cut, done.left) == (0, 2)
    assert 3.0 <= done.seconds < 3.2
    assert not proxy.cuts
