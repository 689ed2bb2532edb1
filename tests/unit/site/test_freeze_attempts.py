"""Writes are stopped in attempts: those in flight are waited for while the site is open, and only the last attempt cuts."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from cutover_site.freeze.attempts import AttemptLimits, StoppedWrites, stop_writes
from cutover_site.proxy.drain import DrainResult


@dataclass
class Site:
    """A site whose writes have a begin and an end."""

    writes: dict[str, tuple[float, float]]
    now: float = 0.0
    log: list[str] = field(default_factory=list)
    seems_old: bool = False
    """every write seems old, as on kept-alive connections"""

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def close(self) -> None:
        self.log.append(f"close at {self.now:.0f}")

    def open(self) -> None:
        self.log.append(f"open at {self.now:.0f}")

    def running(self) -> dict[str, float]:
        return {name: self.now - begin for name, (begin, end) in self.writes.items() if begin <= self.now < end}

    def list_old_writes(self, age_seconds: float) -> set[str]:
        return {name for name, age in self.running().items() if self.seems_old or age > age_seconds}

    def drain(self, limit_seconds: float, *, cut: bool) -> DrainResult:
        began = self.now
        in_flight = self.running()
        while (left := len(in_flight.keys() & self.running().keys())) and self.now - began < limit_seconds:
            self.now += 0.05
        if left and cut:
            self.log.append(f"cut {left}")
        return DrainResult(self.now - began, cut=left if cut else 0, left=0 if cut else left, idle=1)

    def stop(self, limits: AttemptLimits | None = None) -> StoppedWrites:
        return stop_writes(self, limits or AttemptLimits(), self.clock, self.sleep)


def test_a_quiet_site_is_closed_at_once() -> None:
    site = Site({})
    stopped = site.stop()
    assert site.log == ["close at 0"]
    assert [attempt.left for attempt in stopped.attempts] == [0]
    assert stopped.opened_seconds == 0


def test_short_writes_are_waited_for_while_new_ones_are_held() -> None:
    site = Site({"push": (-1.0, 1.5)})
    stopped = site.stop()
    assert site.log == ["close at 0"]
    assert 1.5 <= stopped.attempts[0].closed_seconds < 1.7


def test_a_push_of_five_minutes_survives() -> None:
    site = Site({"push": (-10.0, 300.0)})
    stopped = site.stop()
    assert stopped.drained.cut == 0
    assert len(stopped.attempts) <= AttemptLimits().attempts
    assert 300 <= site.now <= AttemptLimits().within_seconds
    # And nobody else was held for longer than one attempt
    assert max(attempt.closed_seconds for attempt in stopped.attempts) < 3.2


def test_a_failed_attempt_opens_the_site_again_and_the_pauses_grow() -> None:
    site = Site({"push": (-10.0, 60.0)})
    stopped = site.stop()
    assert site.log[:4] == ["close at 5", "open at 8", "close at 18", "open at 21"]
    assert [round(attempt.waited_seconds) for attempt in stopped.attempts[:3]] == [5, 10, 20]
    assert [attempt.left for attempt in stopped.attempts] == [1] * (len(stopped.attempts) - 1) + [0]
    assert stopped.idle == len(stopped.attempts)


def test_a_pause_ends_when_the_old_write_has_ended() -> None:
    site = Site({"push": (-10.0, 9.0)})
    site.stop()
    assert site.log == ["close at 5", "open at 8", "close at 9"]


def test_only_the_last_attempt_cuts() -> None:
    site = Site({"endless": (-10.0, 9999.0)})
    stopped = site.stop(AttemptLimits(attempts=3))
    assert [line.split()[0] for line in site.log] == ["close", "open", "close", "open", "close", "cut"]
    assert (stopped.drained.cut, len(stopped.attempts)) == (1, 3)


@pytest.mark.parametrize("within", [3.0, 10.0, 30.0, 400.0])
def test_all_attempts_end_within_their_time(within: float) -> None:
    site = Site({"endless": (-10.0, 9999.0)})
    stopped = site.stop(AttemptLimits(attempts=99, within_seconds=within))
    assert stopped.drained.cut == 1
    assert site.now <= within + 0.5


def test_opened_seconds_end_when_the_last_attempt_begins() -> None:
    site = Site({"push": (-10.0, 20.0)})
    stopped = site.stop()
    last = stopped.attempts[-1]
    assert stopped.opened_seconds == pytest.approx(site.now - last.closed_seconds, abs=0.01)


def test_short_writes_that_seem_old_delay_the_freeze_by_one_poll() -> None:
    """On a kept-alive connection HAProxy counts the age of a request from the former response."""
    writes = {f"request {n}": (n * 0.2, n * 0.2 + 0.2) for n in range(-5, 50)}
    site = Site(writes, seems_old=True)
    assert site.stop().attempts[0].waited_seconds == 0.25
