"""Nothing that was let in before the freeze is at work after it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from cutover_site.errors import Refused
from cutover_site.proxy.drain import drain


@dataclass
class Proxy:
    """A proxy whose sessions end at given moments, or when they are cut."""

    ends: dict[str, list[float]]
    stubborn: bool = False
    now: float = 0.0
    cuts: list[str] = field(default_factory=list)

    def sessions(self, backend: str) -> int:
        return sum(1 for moment in self.ends.get(backend, []) if moment > self.now)

    def cut(self, backend: str) -> None:
        self.cuts.append(backend)
        if not self.stubborn:
            self.ends[backend] = []

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_writes_in_flight_are_waited_for() -> None:
    proxy = Proxy({"gogs_writes": [1.0], "gogs_ssh": [2.0]})
    done = drain(proxy, 10, proxy.clock, proxy.pause)
    assert done.cut == 0
    assert 2.0 <= done.seconds < 2.3
    assert not proxy.cuts


def test_what_does_not_end_in_time_is_cut_and_counted() -> None:
    proxy = Proxy({"gogs_writes": [1.0], "gogs_ssh": [99.0, 99.0]})
    done = drain(proxy, 5, proxy.clock, proxy.pause)
    assert done.cut == 2
    assert set(proxy.cuts) == {"gogs_ssh"}


def test_what_cannot_be_cut_is_an_error() -> None:
    proxy = Proxy({"gogs_writes": [99.0]}, stubborn=True)
    with pytest.raises(TimeoutError):
        drain(proxy, 1, proxy.clock, proxy.pause)


def test_one_zero_is_not_enough() -> None:
    proxy = Proxy({})
    assert drain(proxy, 5, proxy.clock, proxy.pause).seconds > 0


def test_nothing_is_cut_once_it_is_not_wanted_any_more() -> None:
    """A thaw lets new writes in: they are no longer what was to be drained."""
    proxy = Proxy({"gogs_writes": [99.0]})

    def thawed() -> None:
        if proxy.now > 0.5:
            raise Refused("thawed")

    with pytest.raises(Refused):
        drain(proxy, 1, proxy.clock, proxy.pause, before_each_look=thawed)
    assert not proxy.cuts
