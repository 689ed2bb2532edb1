"""Waits of tests for what no event announces: the one place that sleeps and asks again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def wait_until(
    reached: Callable[[], Any],
    what: str = "what the test waits for",
    *,
    seconds: float = 20.0,
    interval_seconds: float = 0.02,
) -> Any:
    """Return the first true result of `reached`, which is called at least once. Raises AssertionError that names `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := reached()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(interval_seconds)
    return found
