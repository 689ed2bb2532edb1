"""Requests that a test sends in threads of their own, because the proxy holds them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from tests.rehearsal.site.front import Front
from tests.waiting import wait_until

T = TypeVar("T")
CLOSED = 0
"""in place of a status: the proxy closed the connection"""


class Background(Generic[T]):
    """One call in its own thread. `seconds` is how long it took."""

    def __init__(self, call: Callable[[], T]) -> None:
        self.seconds = 0.0
        self._results: list[T] = []
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], T]) -> None:
        began = time.monotonic()
        try:
            self._results.append(call())
        except BaseException as failure:  # noqa: BLE001  # `end` raises it in the test's thread
            self._failures.append(failure)
        self.seconds = time.monotonic() - began

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def end(self, limit_seconds: float = 40.0) -> T:
        """Wait for the result and return it. Raises what the call raised."""
        self._thread.join(limit_seconds)
        assert not self._thread.is_alive(), f"still running after {limit_seconds} s"
        if self._failures:
            raise self._failures[0]
        return self._results[0]


def send(front: Front, method: str, path: str, **options: object) -> Background[int]:
    """Send a request in the background. Its result is the status, CLOSED if the proxy closed the connection."""

    def call() -> int:
        try:
            return front.request(method, path, **options).status_code
        except OSError:
            return CLOSED

    return Background(call)


def wait_until_held(front: Front, count: int) -> None:
    """Wait until the proxy holds so many requests and connections."""
    wait_until(
        lambda: front.hold.count_held().count == count, f"{count} held requests", seconds=20, interval_seconds=0.05
    )
