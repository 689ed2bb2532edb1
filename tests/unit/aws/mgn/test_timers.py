"""Work that the service does later."""

from __future__ import annotations

import threading

from rehearsal.aws.mgn.timers import Timers
from tests.waiting import wait_until


def assert_released(release: threading.Event) -> None:
    assert release.wait(20)


def test_work_is_pending_until_it_is_done() -> None:
    timers, release = Timers(), threading.Event()
    timers.schedule(0, lambda: assert_released(release))
    assert timers.has_pending()
    release.set()
    wait_until(lambda: not timers.has_pending())


def test_canceled_work_is_not_done() -> None:
    timers, done = Timers(), threading.Event()
    timers.schedule(0.2, done.set)
    assert timers.cancel()
    assert not timers.has_pending()
    assert not done.wait(0.4)


def test_work_that_has_begun_is_waited_for_but_not_for_ever() -> None:
    timers, begun, release = Timers(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        release.wait(20)

    timers.schedule(0, work)
    assert begun.wait(20)
    assert not timers.cancel(timeout=0.05)
    assert timers.has_pending()
    release.set()
    assert timers.cancel()
